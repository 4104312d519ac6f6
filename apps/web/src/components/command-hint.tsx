import type { ReactElement } from "react";
import { copy } from "./copy.ts";
import { Icon } from "./icon.tsx";
import styles from "./command-hint.module.css";

export interface CommandHintProps {
  /** For example `waybill status 12`. */
  readonly command: string;
}

/** The command that shows or does what the page does. */
export function CommandHint({ command }: CommandHintProps): ReactElement {
  return (
    <button
      type="button"
      className={styles.hint}
      title="The same in a terminal (click to copy)"
      onClick={() => void copy(command, "The command")}
    >
      <Icon name="command" size={12} />
      <code>{command}</code>
    </button>
  );
}
