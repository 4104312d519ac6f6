import type { ReactElement } from "react";
import { classNames } from "./class-names.ts";
import styles from "./meter.module.css";

export interface MeterProps {
  readonly label: string;
  /** 0 to 100. */
  readonly percent: number;
  readonly tone?: "plain" | "held" | "failed";
  /** Percentages where something begins. */
  readonly marks?: readonly number[];
}

/** How full something is. What it means is beside it in words. */
export function Meter({ label, percent, tone = "plain", marks = [] }: MeterProps): ReactElement {
  const width = `${Math.min(100, Math.max(percent > 0 ? 0.5 : 0, percent))}%`;
  return (
    <div className={styles.meter} role="img" aria-label={`${label}: ${percent.toFixed(1)} %`}>
      <div className={classNames(styles.bar, styles[tone])} style={{ width }} />
      {marks.map((mark) => (
        <div key={mark} className={styles.mark} style={{ insetInlineStart: `${mark}%` }} />
      ))}
    </div>
  );
}
