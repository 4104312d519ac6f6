import type { ReactElement } from "react";
import { addressOf } from "../api/client.ts";
import { Button } from "../components/button.tsx";
import { classNames } from "../components/class-names.ts";
import { copy } from "../components/copy.ts";
import { countOf } from "../components/format.ts";
import styles from "./log-view.module.css";

export interface LogToolsProps {
  readonly jobId: string;
  /** Null: not known yet. */
  readonly total: number | null;
  readonly errors: number;
  readonly warnings: number;
  readonly onProblem: (level: "error" | "warning") => void;
  readonly isRunning: boolean;
  readonly follows: boolean;
  readonly onFollow: (follows: boolean) => void;
  readonly wraps: boolean;
  readonly onWrap: (wraps: boolean) => void;
  readonly isRaw: boolean;
  readonly onRaw: (isRaw: boolean) => void;
  readonly isSelected: boolean;
  readonly onEnd: () => void;
}

/** How many lines and problems there are, and how the log is shown. */
export function LogTools(props: LogToolsProps): ReactElement {
  const { jobId, total, errors, warnings, onProblem, isRunning, follows, onFollow, wraps, onWrap, isRaw, onRaw } =
    props;
  return (
    <div className={styles.tools}>
      {errors === 0 ? null : (
        <button
          type="button"
          className={classNames(styles.toggle, styles.errors)}
          title="To the next error"
          onClick={() => onProblem("error")}
        >
          ✗ {countOf(errors, "error")}
        </button>
      )}
      {warnings === 0 ? null : (
        <button
          type="button"
          className={classNames(styles.toggle, styles.warnings)}
          title="To the next warning"
          onClick={() => onProblem("warning")}
        >
          ! {countOf(warnings, "warning")}
        </button>
      )}
      <span className={styles.count} data-total={total ?? undefined}>
        {total === null ? "" : countOf(total, "line")}
      </span>
      {props.isSelected ? (
        <Button
          kind="quiet"
          icon="link"
          label="Copy a link to the selected lines"
          onClick={() => void copy(globalThis.location.href, "A link to the lines")}
        />
      ) : null}
      {isRunning ? (
        <button type="button" className={styles.toggle} aria-pressed={follows} onClick={() => onFollow(!follows)}>
          Follow
        </button>
      ) : null}
      <button type="button" className={styles.toggle} aria-pressed={wraps} onClick={() => onWrap(!wraps)}>
        Wrap
      </button>
      <button
        type="button"
        className={styles.toggle}
        aria-pressed={isRaw}
        title="As it was printed: without colours, folds and collapsed progress"
        onClick={() => onRaw(!isRaw)}
      >
        Raw
      </button>
      <a className={styles.raw} href={addressOf("downloadJobLog", { params: { id: jobId } })} download>
        Download
      </a>
      <Button kind="quiet" icon="down" label="To the end" onClick={props.onEnd} />
    </div>
  );
}
