import { Dialog as Primitive } from "@base-ui/react/dialog";
import { useRef, type ReactElement } from "react";
import { classNames } from "./class-names.ts";
import { Icon } from "./icon.tsx";
import type { DialogProps } from "./dialog.tsx";
import styles from "./dialog.module.css";

/** What `Dialog` loads when it is opened. */
export function DialogPopup({ onClose, title, children, actions, width = "narrow" }: DialogProps): ReactElement {
  const body = useRef<HTMLDivElement>(null);
  return (
    <Primitive.Root open onOpenChange={(open) => (open ? undefined : onClose())}>
      <Primitive.Portal>
        <Primitive.Backdrop className={styles.backdrop} />
        <Primitive.Popup
          className={classNames(styles.popup, styles[width])}
          // What is to be typed, at once; on a phone the keyboard would hide what the dialog says.
          initialFocus={(by) =>
            by === "touch" ? true : (body.current?.querySelector<HTMLElement>("input, textarea, select") ?? true)
          }
        >
          <header className={styles.head}>
            <Primitive.Title className={styles.title}>{title}</Primitive.Title>
            <Primitive.Close className={styles.close} aria-label="Close">
              <Icon name="close" size={14} />
            </Primitive.Close>
          </header>
          <div ref={body} className={styles.body}>
            {children}
          </div>
          {actions === undefined ? null : <footer className={styles.actions}>{actions}</footer>}
        </Primitive.Popup>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
