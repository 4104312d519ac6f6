import { useState, type ReactElement, type ReactNode } from "react";
import { Button, type ButtonProps } from "./button.tsx";
import { CommandHint } from "./command-hint.tsx";
import { Dialog } from "./dialog.tsx";

export interface ConfirmButtonProps extends Pick<ButtonProps, "kind" | "icon" | "disabledReason"> {
  /** On the button. */
  readonly children: ReactNode;
  /** For a button that shows an icon alone, and where several say the same. */
  readonly label?: string;
  /** The question. */
  readonly title: string;
  /** What happens then, in words: what stops working, for whom, whether it can be undone. */
  readonly effect: ReactNode;
  /** On the button that does it. */
  readonly confirm: string;
  /** The same in a terminal. */
  readonly command?: string;
  readonly isBusy: boolean;
  /** Resolves when it is done; the dialog stays open where it fails. */
  readonly onConfirm: () => Promise<unknown>;
}

/** A button for what cannot be taken back: it asks, and names the effect. */
export function ConfirmButton(props: ConfirmButtonProps): ReactElement {
  const { children, label, title, effect, confirm, command, isBusy, onConfirm, kind = "danger", ...rest } = props;
  const [isOpen, setOpen] = useState(false);
  const close = (): void => setOpen(false);
  const run = (): void => {
    // Whoever does it tells why it failed.
    onConfirm().then(close, () => undefined);
  };
  return (
    <>
      <Button {...rest} kind={kind} title={label} onClick={() => setOpen(true)}>
        {children}
        {label === undefined ? null : <span className="unseen"> {label}</span>}
      </Button>
      <Dialog
        isOpen={isOpen}
        onClose={close}
        title={title}
        actions={
          <>
            <Button onClick={close}>Leave it</Button>
            <Button kind="danger" isBusy={isBusy} onClick={run}>
              {confirm}
            </Button>
          </>
        }
      >
        <div className="stack wrap">
          <p>{effect}</p>
          {command === undefined ? null : <CommandHint command={command} />}
        </div>
      </Dialog>
    </>
  );
}
