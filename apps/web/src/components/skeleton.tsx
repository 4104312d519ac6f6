import type { ReactElement } from "react";
import { classNames } from "./class-names.ts";
import styles from "./skeleton.module.css";

export interface SkeletonProps {
  readonly rows?: number;
  /** Of a row, in pixels. */
  readonly height?: number;
  readonly label?: string;
}

/** The place of what is being read. It is seen only when that takes a moment; nothing that is there is replaced by it. */
export function Skeleton({ rows = 3, height = 36, label = "Loading" }: SkeletonProps): ReactElement {
  return (
    <div className={styles.skeleton} role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className={classNames(styles.row)} style={{ height }} />
      ))}
    </div>
  );
}
