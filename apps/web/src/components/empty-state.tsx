import type { ReactElement, ReactNode } from "react";
import styles from "./empty-state.module.css";

export interface EmptyStateProps {
  readonly title: string;
  /** What fills it: the command, the recipe, the button. */
  readonly children?: ReactNode;
}

/** A page or list without anything says what fills it. */
export function EmptyState({ title, children }: EmptyStateProps): ReactElement {
  return (
    <div className={styles.empty}>
      <h3 className={styles.title}>{title}</h3>
      {children === undefined ? null : <div className={styles.body}>{children}</div>}
    </div>
  );
}
