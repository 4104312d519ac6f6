import type { ReactElement } from "react";
import { Button } from "./button.tsx";
import { copy } from "./copy.ts";
import styles from "./code-block.module.css";

export interface CodeBlockProps {
  readonly code: string;
  /** What it is, for the button that copies it. */
  readonly label: string;
}

export function CodeBlock({ code, label }: CodeBlockProps): ReactElement {
  return (
    <div className={styles.block}>
      <pre className={styles.code} tabIndex={0} role="region" aria-label={label}>
        {code}
      </pre>
      <Button
        kind="quiet"
        icon="copy"
        label={`Copy ${label}`}
        className={styles.copy}
        onClick={() => void copy(code, label)}
      />
    </div>
  );
}
