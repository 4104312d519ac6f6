import { useId, type ReactElement, type ReactNode } from "react";
import { classNames } from "./class-names.ts";
import styles from "./panel.module.css";

export interface PanelProps {
  readonly title?: ReactNode;
  /** At the right of the title. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  /** For tables and lists, whose rows reach from edge to edge. */
  readonly isFlush?: boolean;
}

/** A part of a page: a border, a title, and what belongs together. */
export function Panel({ title, actions, children, isFlush = false }: PanelProps): ReactElement {
  const id = useId();
  return (
    <section className={styles.panel} aria-labelledby={title === undefined ? undefined : id}>
      {title === undefined ? null : (
        <header className={styles.head}>
          <h2 id={id} className={styles.title}>
            {title}
          </h2>
          <div className={styles.actions}>{actions}</div>
        </header>
      )}
      <div className={classNames(styles.body, isFlush && styles.flush)}>{children}</div>
    </section>
  );
}
