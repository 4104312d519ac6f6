import type { ReactElement, ReactNode } from "react";
import { Button } from "./button.tsx";
import { CodeBlock } from "./code-block.tsx";
import { Dialog } from "./dialog.tsx";
import styles from "./shown-once.module.css";

export interface ShownOnceProps {
  readonly title: string;
  /** What is shown: it is kept nowhere, and gone with the dialog. */
  readonly text: string;
  /** For the button that copies it. */
  readonly label: string;
  readonly onClose: () => void;
  /** What it is good for, and until when. */
  readonly children: ReactNode;
}

/** A token or a link that is shown now and never again. It closes by its button alone: a slip of a key would lose it. */
export function ShownOnce({ title, text, label, onClose, children }: ShownOnceProps): ReactElement {
  return (
    <Dialog
      isOpen
      onClose={() => undefined}
      title={title}
      width="wide"
      actions={
        <Button kind="primary" onClick={onClose}>
          I have kept it
        </Button>
      }
    >
      <div className="stack">
        <p className={styles.warning}>This is shown once. The server keeps a hash of it and cannot show it again.</p>
        <CodeBlock code={text} label={label} />
        {children}
      </div>
    </Dialog>
  );
}
