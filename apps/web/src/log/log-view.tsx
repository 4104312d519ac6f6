import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useRef, useState, useSyncExternalStore, type ReactElement } from "react";
import { createPortal } from "react-dom";
import { addressOf } from "../api/client.ts";
import { Button } from "../components/button.tsx";
import { classNames } from "../components/class-names.ts";
import { EmptyState } from "../components/empty-state.tsx";
import { ErrorPanel } from "../components/error-panel.tsx";
import { countOf } from "../components/format.ts";
import { Skeleton } from "../components/skeleton.tsx";
import { LogRow } from "./log-row.tsx";
import { LogSource } from "./log-source.ts";
import styles from "./log-view.module.css";

const ROW_PX = 18;
const OVERSCAN = 30;
/** So near to the end somebody is at the end. */
const NEAR_PX = 40;

export interface LogViewProps {
  readonly jobId: string;
  readonly jobName: string;
  /** RFC 3339: times are shown from here on. */
  readonly startedAt: string | null;
  readonly isRunning: boolean;
  /** Lines that are selected, from 0, both included. */
  readonly selected: readonly [first: number, last: number] | null;
  readonly onSelect: (lines: readonly [first: number, last: number] | null) => void;
  /** Where to begin, from 0: the first error; `end`; null: it is not known yet. */
  readonly begin: number | "end" | null;
  /** Where its tools are drawn: with what stands above it. Null: they are not. */
  readonly toolsIn: HTMLElement | null;
}

/** A log of any length: what is looked at is read, what is printed is added, a line can be linked to. */
export function LogView(props: LogViewProps): ReactElement {
  const { jobId, jobName, startedAt, isRunning, selected, onSelect, begin, toolsIn } = props;
  const source = useLogSource(jobId, isRunning);
  useSyncExternalStore(source.watch, source.version);
  const [wraps, setWraps] = useState(false);
  const [follows, setFollows] = useState(begin === "end");
  const scroller = useRef<HTMLDivElement>(null);
  const total = source.total ?? 0;
  const rows = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
    useAnimationFrameWithResizeObserver: true,
  });
  const items = rows.getVirtualItems();
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? 0];
  useEffect(() => source.want(first, last), [source, first, last]);
  useEffect(() => {
    if (follows && total > 0) rows.scrollToIndex(total - 1, { align: "end" });
  }, [follows, total, rows]);

  const begun = useRef<string | null>(null);
  const target = selected?.[0] ?? begin;
  useEffect(() => {
    if (total === 0 || target === null || begun.current === jobId) return;
    begun.current = jobId;
    if (target === "end") setFollows(true);
    else rows.scrollToIndex(target, { align: "center" });
  }, [jobId, target, total, rows]);

  const anchor = selected?.[0] ?? null;
  const select = useCallback(
    (index: number, isExtended: boolean): void => {
      setFollows(false);
      onSelect(isExtended && anchor !== null ? [Math.min(anchor, index), Math.max(anchor, index)] : [index, index]);
    },
    [anchor, onSelect],
  );
  const onScroll = (): void => {
    const element = scroller.current;
    if (element === null) return;
    const isAtEnd = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX;
    if (!isAtEnd && follows) setFollows(false);
    else if (isAtEnd && isRunning && total > 0) setFollows(true);
  };

  const tools = (
    <div className={styles.tools}>
      <span className={styles.count} data-total={total}>
        {source.total === null ? "" : countOf(total, "line")}
      </span>
      {isRunning ? (
        <button type="button" className={styles.toggle} aria-pressed={follows} onClick={() => setFollows(!follows)}>
          Follow
        </button>
      ) : null}
      <button type="button" className={styles.toggle} aria-pressed={wraps} onClick={() => setWraps(!wraps)}>
        Wrap
      </button>
      <Button
        kind="quiet"
        icon="down"
        label="To the end"
        onClick={() => rows.scrollToIndex(total - 1, { align: "end" })}
      />
      <a
        className={styles.raw}
        href={addressOf("getJobLog", { params: { id: jobId } })}
        target="_blank"
        rel="noreferrer"
      >
        Raw
      </a>
    </div>
  );
  if (source.error !== null) return <ErrorPanel error={source.error} onRetry={() => source.retry()} />;
  return (
    <div className={styles.view}>
      {toolsIn === null ? null : createPortal(tools, toolsIn)}
      {source.total === null ? (
        <div className={styles.waiting}>
          <Skeleton rows={12} height={14} label="The log is being read" />
        </div>
      ) : null}
      {source.total === 0 ? (
        <div className={styles.waiting}>
          <EmptyState title={isRunning ? "Nothing has been printed yet" : "Nothing was printed"} />
        </div>
      ) : null}
      <div
        ref={scroller}
        className={classNames(styles.scroller, wraps && styles.wraps)}
        onScroll={onScroll}
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label={`Log of ${jobName}`}
        data-log=""
      >
        <div className={styles.canvas} style={{ height: rows.getTotalSize() }}>
          <div className={styles.window} style={{ transform: `translateY(${items[0]?.start ?? 0}px)` }}>
            {items.map(({ index, key }) => (
              <div key={key} data-index={index} ref={wraps ? rows.measureElement : undefined}>
                <LogRow
                  index={index}
                  line={source.lineAt(index)}
                  isSelected={selected !== null && index >= selected[0] && index <= selected[1]}
                  startedAt={startedAt === null ? null : Date.parse(startedAt)}
                  onSelect={select}
                />
              </div>
            ))}
          </div>
        </div>
      </div>
    </div>
  );
}

/** Of one job at a time. A hidden tab follows nothing: it catches up when somebody looks. */
function useLogSource(jobId: string, isRunning: boolean): LogSource {
  const [source, setSource] = useState(() => new LogSource(jobId));
  useEffect(() => {
    const fresh = new LogSource(jobId);
    setSource(fresh);
    if (isRunning) void fresh.follow();
    else fresh.want(0, 0);
    return () => fresh.stop();
  }, [jobId, isRunning]);
  return source;
}
