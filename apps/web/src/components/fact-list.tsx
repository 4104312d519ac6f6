import type { ReactElement, ReactNode } from "react";
import styles from "./fact-list.module.css";

export interface FactListProps {
  /** What it is, and what of it; null is left out. */
  readonly facts: readonly (readonly [name: string, value: ReactNode] | null)[];
}

/** Names at the left, values at the right. */
export function FactList({ facts }: FactListProps): ReactElement {
  return (
    <dl className={styles.list}>
      {facts.map((fact) =>
        fact === null ? null : (
          <div key={fact[0]} className={styles.fact}>
            <dt>{fact[0]}</dt>
            <dd>{fact[1]}</dd>
          </div>
        ),
      )}
    </dl>
  );
}
