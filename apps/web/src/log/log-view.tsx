import {
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
  type ReactElement,
} from "react";
import { createPortal } from "react-dom";
import { call } from "../api/client.ts";
import type { LogLine, Step } from "../api/generated/operations.ts";
import { classNames } from "../components/class-names.ts";
import { Duration } from "../components/duration.tsx";
import { EmptyState } from "../components/empty-state.tsx";
import { ErrorPanel } from "../components/error-panel.tsx";
import { Skeleton } from "../components/skeleton.tsx";
import { StatusMark } from "../components/status-mark.tsx";
import { statusOf, wordOf } from "../components/status.ts";
import { tellError } from "../components/toast.tsx";
import { GROUP_END } from "./groups.ts";
import type { Fold } from "./line-heights.ts";
import type { JobProblems } from "./log-problems.ts";
import { LogRail, type RailMarks } from "./log-rail.tsx";
import { LogRow, StepHead } from "./log-row.tsx";
import { HEAD_PX, LogScroller } from "./log-scroller.ts";
import { LogSearchBar, type Find } from "./log-search-bar.tsx";
import { LogSource } from "./log-source.ts";
import { LogTools } from "./log-tools.tsx";
import { useLogSearch, useMatch } from "./use-log-search.ts";
import styles from "./log-view.module.css";

type Lines = readonly [first: number, last: number];

export interface LogViewProps {
  readonly jobId: string;
  readonly jobName: string;
  readonly steps: readonly Step[];
  /** RFC 3339: times are shown from here on. */
  readonly startedAt: string | null;
  readonly isRunning: boolean;
  /** What looks like errors and warnings, and which lines are of which step. */
  readonly problems: JobProblems;
  /** Lines that are selected, from 0, both included. */
  readonly selected: Lines | null;
  readonly onSelect: (lines: Lines | null) => void;
  readonly find: Find;
  readonly onFind: (find: Find) => void;
  /** Where to begin, from 0: the first error; `end`; null: it is not known yet. */
  readonly begin: number | "end" | null;
  /** Where its tools are drawn: with what stands above it. Null: they are not. */
  readonly toolsIn: HTMLElement | null;
}

/** Where a step, or another attempt of it, begins. */
type Beginning = Pick<LogLine, "step" | "attempt">;

/** A log of any length: what is looked at is read, what is printed is added, a line can be linked to. */
export function LogView(props: LogViewProps): ReactElement {
  const { jobId, jobName, steps, startedAt, isRunning, problems, selected, onSelect, find, onFind, begin } = props;
  const [follows, setFollows] = useState(begin === "end");
  const [wraps, setWraps] = useState(false);
  const [isRaw, setRaw] = useState(false);
  const [folds, setFolds] = useState<ReadonlyMap<number, Fold>>(new Map());
  const [scroller] = useState(() => new LogScroller(setFollows));
  const source = useLogSource(jobId, isRunning, scroller);
  useSyncExternalStore(scroller.watch, scroller.version);
  const element = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLDivElement>(null);
  const rows = useRef<HTMLDivElement>(null);
  const total = source.total ?? 0;
  const heads = useHeads(source, problems, isRaw);

  useLayoutEffect(() => {
    if (element.current === null || canvas.current === null) return;
    return scroller.attach(element.current, canvas.current);
  }, [scroller, source.error]);
  useLayoutEffect(() => {
    scroller.heights.setHeads(heads.keys(), HEAD_PX);
    scroller.heights.setFolds(isRaw ? [] : [...folds.values()]);
    if (!wraps) scroller.heights.forgetMeasured();
    scroller.layOut();
  }, [scroller, heads, folds, wraps, isRaw]);
  useLayoutEffect(() => scroller.follow(follows), [scroller, follows]);
  const { lines, top } = scroller.drawn();
  const [first, last] = [lines[0] ?? 0, lines.at(-1) ?? 0];
  useEffect(() => source.want(first, last), [source, first, last]);
  useLayoutEffect(() => {
    if (!wraps || rows.current === null) return;
    let isNew = false;
    for (const row of rows.current.querySelectorAll<HTMLElement>("[data-line]")) {
      isNew = scroller.heights.measured(Number(row.dataset["line"]) - 1, row.offsetHeight) || isNew;
    }
    if (isNew) scroller.layOut();
  });

  const show = useCallback(
    (line: number): void => {
      setFollows(false);
      // What is looked for is not folded away.
      setFolds((old) => withoutFoldsOf(old, line));
      scroller.show(line);
    },
    [scroller],
  );
  const begun = useRef<string | null>(null);
  const target = selected?.[0] ?? begin;
  useEffect(() => {
    if (total === 0 || target === null || begun.current === jobId) return;
    begun.current = jobId;
    if (target === "end") setFollows(true);
    else if (target > 0) show(target);
  }, [jobId, target, total, show]);
  const selectedLine = selected?.[0] ?? null;
  useEffect(() => {
    // The log is where the address says, also where something above it led there.
    if (selectedLine !== null && begun.current === jobId) scroller.show(selectedLine, "nearest");
  }, [jobId, selectedLine, scroller]);

  const select = useCallback(
    (index: number, isExtended: boolean): void => {
      setFollows(false);
      const isSame = selected?.[0] === index && selected[1] === index;
      if (isExtended && selected !== null) onSelect([Math.min(selected[0], index), Math.max(selected[1], index)]);
      else onSelect(isSame ? null : [index, index]);
    },
    [selected, onSelect],
  );
  const foldGroup = useCallback((line: number): void => void toggleGroup(jobId, line, folds, setFolds), [jobId, folds]);
  const foldStep = (line: number): void => {
    const next = [...heads.keys()].filter((at) => at > line).sort((a, b) => a - b)[0] ?? total;
    setFolds((old) => toggled(old, line, { first: line, last: next - 1 }));
  };

  const search = useLogSearch(jobId, find.text, find.isRegex, find.isExact);
  const [at, move] = useMatch(search.lines, () => scroller.firstSeen, show);
  const currentMatch = at === null ? null : (search.lines[at] ?? null);
  const levels = useMemo(() => new Map(problems.items.map(({ line, level }) => [line, level])), [problems]);
  const marks = useMemo((): readonly RailMarks[] => {
    const ofLevel = (wanted: string): number[] =>
      problems.items.filter(({ level }) => level === wanted).map(({ line }) => line);
    return [
      { kind: "warning", lines: ofLevel("warning") },
      { kind: "error", lines: ofLevel("error") },
      { kind: "match", lines: search.lines },
      { kind: "selected", lines: selectedLine === null ? [] : [selectedLine] },
    ];
  }, [problems, search.lines, selectedLine]);
  const nextProblem = (level: "error" | "warning"): void => {
    const all = marks.find(({ kind }) => kind === level)?.lines ?? [];
    const from = selectedLine ?? -1;
    const next = all.find((line) => line > from) ?? all[0];
    if (next === undefined) return;
    show(next);
    onSelect([next, next]);
  };

  if (source.error !== null) return <ErrorPanel error={source.error} onRetry={() => source.retry()} />;
  const count = (wanted: string): number => marks.find(({ kind }) => kind === wanted)?.lines.length ?? 0;
  const tools = (
    <LogTools
      jobId={jobId}
      total={source.total}
      errors={count("error")}
      warnings={count("warning")}
      onProblem={nextProblem}
      isRunning={isRunning}
      follows={follows}
      onFollow={setFollows}
      wraps={wraps}
      onWrap={setWraps}
      isRaw={isRaw}
      onRaw={setRaw}
      isSelected={selected !== null}
      onEnd={() => scroller.show(total - 1, "end")}
    />
  );
  const needle = find.isRegex ? "" : find.text.toLowerCase();
  const start = startedAt === null ? null : Date.parse(startedAt);
  return (
    <div className={styles.view}>
      {props.toolsIn === null ? null : createPortal(tools, props.toolsIn)}
      {total === 0 ? null : (
        <LogSearchBar
          find={find}
          onFind={onFind}
          search={search}
          at={at}
          onMove={move}
          onLine={(line) => {
            const known = Math.min(line, total - 1);
            show(known);
            onSelect([known, known]);
          }}
        />
      )}
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
      <div className={styles.body}>
        <div
          ref={element}
          className={classNames(styles.scroller, wraps && styles.wraps)}
          tabIndex={0}
          role="log"
          aria-live="off"
          aria-label={`Log of ${jobName}`}
          data-log=""
        >
          <div ref={canvas} className={styles.canvas}>
            <div ref={rows} className={styles.window} style={{ transform: `translateY(${top}px)` }}>
              {lines.map((line) => {
                const head = heads.get(line);
                return (
                  <div key={line}>
                    {head === undefined ? null : (
                      <HeadOf
                        head={head}
                        steps={steps}
                        isFolded={folds.get(line)?.first === line}
                        onFold={() => foldStep(line)}
                      />
                    )}
                    {scroller.heights.isHidden(line) ? null : (
                      <LogRow
                        index={line}
                        line={source.lineAt(line)}
                        isSelected={selected !== null && line >= selected[0] && line <= selected[1]}
                        problem={levels.get(line)}
                        needle={needle}
                        isCurrentMatch={line === currentMatch}
                        isRaw={isRaw}
                        isFolded={folds.get(line)?.first === line + 1}
                        startedAt={start}
                        onSelect={select}
                        onFold={foldGroup}
                      />
                    )}
                  </div>
                );
              })}
            </div>
          </div>
        </div>
        {total === 0 ? null : <LogRail total={total} marks={marks} onShow={show} />}
      </div>
    </div>
  );
}

interface HeadOfProps {
  readonly head: Beginning;
  readonly steps: readonly Step[];
  readonly isFolded: boolean;
  readonly onFold: () => void;
}

function HeadOf({ head, steps, isFolded, onFold }: HeadOfProps): ReactElement {
  const step = steps.find(({ position }) => position === head.step);
  return (
    <StepHead
      step={step}
      attempt={head.attempt}
      isFolded={isFolded}
      duration={step === undefined ? null : <Duration from={step.started_at} to={step.finished_at} />}
      mark={
        step === undefined ? null : (
          <StatusMark status={statusOf(step.status)} word={wordOf(step.status)} show="icon" size={13} />
        )
      }
      onFold={onFold}
    />
  );
}

/** Lines with which steps begin: those that the server found, and those that came since. */
function useHeads(source: LogSource, { sections }: JobProblems, isRaw: boolean): ReadonlyMap<number, Beginning> {
  const seen = source.beginnings.size;
  return useMemo(() => {
    if (isRaw) return new Map<number, Beginning>();
    return new Map<number, Beginning>([
      ...sections.map((section): [number, Beginning] => [section.from_line, section]),
      ...source.beginnings,
    ]);
    // `seen`: the map of the source is one that grows.
  }, [source, seen, sections, isRaw]);
}

/** Of one job at a time: whoever shows another one makes this anew. */
function useLogSource(jobId: string, isRunning: boolean, scroller: LogScroller): LogSource {
  const [source, setSource] = useState(() => new LogSource(jobId));
  useEffect(() => {
    // React may take effects back and do them again: what has been stopped is not begun again.
    const current = source.isStopped ? new LogSource(jobId) : source;
    if (current !== source) return setSource(current);
    current.want(0, 0);
    const unwatch = current.watch(() => {
      scroller.heights.setTotal(current.total ?? 0);
      scroller.layOut();
    });
    return () => {
      unwatch();
      current.stop();
    };
  }, [source, jobId, scroller]);
  useEffect(() => {
    if (isRunning && !source.isStopped) void source.follow();
  }, [source, isRunning]);
  return source;
}

type Folds = ReadonlyMap<number, Fold>;

function toggled(folds: Folds, line: number, fold: Fold): Folds {
  const next = new Map(folds);
  if (!next.delete(line)) next.set(line, fold);
  return next;
}

function withoutFoldsOf(folds: Folds, line: number): Folds {
  const left = [...folds].filter(([, { first, last }]) => line < first || line > last);
  return left.length === folds.size ? folds : new Map(left);
}

/** Where a group ends is asked of the server: its end may be far from what has been read. */
async function toggleGroup(
  jobId: string,
  line: number,
  folds: Folds,
  setFolds: (change: (old: Folds) => Folds) => void,
): Promise<void> {
  const none: Fold = { first: line + 1, last: line };
  if (folds.has(line)) {
    setFolds((old) => toggled(old, line, none));
    return;
  }
  try {
    const { lines } = await call("searchJobLog", {
      params: { id: jobId },
      query: { q: GROUP_END, regex: "true", from: line, limit: 1 },
    });
    const [end] = lines;
    if (end !== undefined) setFolds((old) => toggled(old, line, { first: line + 1, last: end }));
  } catch (error) {
    tellError("The end of the group was not found", error);
  }
}
