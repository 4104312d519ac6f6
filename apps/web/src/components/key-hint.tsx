import type { ReactElement } from "react";
import styles from "./key-hint.module.css";

export interface KeyHintProps {
  /** For example `Ctrl K`: keys with spaces between them. */
  readonly keys: string;
}

export function KeyHint({ keys }: KeyHintProps): ReactElement {
  return (
    <span className={styles.keys}>
      {keys.split(" ").map((key) => (
        <kbd key={key} className={styles.key}>
          {key}
        </kbd>
      ))}
    </span>
  );
}
