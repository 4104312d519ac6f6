import { memo, type MouseEvent, type ReactElement } from "react";
import { classNames } from "../components/class-names.ts";
import styles from "./log-rail.module.css";

export interface RailMarks {
  readonly kind: "error" | "warning" | "match" | "selected";
  /** Numbers of lines, from 0. */
  readonly lines: readonly number[];
}

export interface LogRailProps {
  readonly total: number;
  readonly marks: readonly RailMarks[];
  readonly onShow: (line: number) => void;
}

/** However many lines are marked, so many marks are drawn. */
const PLACES = 400;

/** Beside the scroll bar: where in the log something is. A click leads there. The list of what is marked is elsewhere. */
export const LogRail = memo(function LogRail({ total, marks, onShow }: LogRailProps): ReactElement {
  const show = (event: MouseEvent): void => {
    const { top, height } = event.currentTarget.getBoundingClientRect();
    const wanted = ((event.clientY - top) / height) * total;
    const near = marks
      .flatMap(({ lines }) => lines)
      .reduce((best, line) => (Math.abs(line - wanted) < Math.abs(best - wanted) ? line : best), Infinity);
    // To what is marked, where the pointer was meant for it.
    const isMeant = Math.abs(near - wanted) < (total * 6) / height;
    onShow(Math.max(0, Math.min(total - 1, isMeant ? near : Math.floor(wanted))));
  };
  return (
    <svg
      className={styles.rail}
      viewBox={`0 0 10 ${PLACES}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      onClick={show}
    >
      {marks.map(({ kind, lines }) => (
        <path key={kind} className={classNames(styles.mark, styles[kind])} d={pathOf(lines, total)} data-marks={kind} />
      ))}
    </svg>
  );
});

function pathOf(lines: readonly number[], total: number): string {
  const places = new Set(lines.map((line) => Math.min(PLACES - 1, Math.floor((line / Math.max(1, total)) * PLACES))));
  return [...places].map((place) => `M0,${place}h10v1.6h-10z`).join("");
}
