import type { ReactElement } from "react";
import { Button } from "./button.tsx";
import styles from "./pager.module.css";

export interface PagerProps {
  /** Null: this is the first page. */
  readonly onBack: (() => void) | null;
  /** Null: there is no other one. */
  readonly onNext: (() => void) | null;
  readonly back?: string;
  readonly next?: string;
}

/** Below a list of which there is more. */
export function Pager({ onBack, onNext, back = "Newer", next = "Older" }: PagerProps): ReactElement | null {
  if (onBack === null && onNext === null) return null;
  return (
    <footer className={styles.pages}>
      {onBack === null ? null : <Button onClick={onBack}>{back}</Button>}
      {onNext === null ? null : <Button onClick={onNext}>{next}</Button>}
    </footer>
  );
}
