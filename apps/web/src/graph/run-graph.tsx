import {
  memo,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type CSSProperties,
  type ReactElement,
} from "react";
import type { Job } from "../api/generated/operations.ts";
import { classNames } from "../components/class-names.ts";
import { Duration } from "../components/duration.tsx";
import { countOf } from "../components/format.ts";
import { StatusMark } from "../components/status-mark.tsx";
import { isSettled, statusOf, wordOf } from "../components/status.ts";
import { groupsOf, nodesOf, type GraphNode, type JobGroup } from "./job-groups.ts";
import { markOf } from "./job-mark.ts";
import { layoutGraph, type GraphLayout, type Point } from "./layout-graph.ts";
import { usePan } from "./use-pan.ts";
import { useSight, type Sight } from "./use-sight.ts";
import styles from "./run-graph.module.css";

const SIZES = { width: 176, height: 44, gapX: 44, gapY: 10 };
const PADDING = 16;
/** A graph is shown whole where its words can still be read, else it scrolls. */
const SMALLEST = 0.7;
/** Of a larger graph only what is in sight has cards. */
const MANY = 100;

export interface RunGraphProps {
  readonly jobs: readonly Job[];
  readonly selected: string | null;
  readonly onSelect: (name: string) => void;
}

/**
 * The jobs of a run from left to right, each behind those it waits for. An edge lights up when the job it comes from has
 * succeeded. It scrolls as everything else does; the list of jobs says the same to those who do not see it.
 */
export function RunGraph({ jobs, selected, onSelect }: RunGraphProps): ReactElement {
  const { nodes, groups, folded, toggle } = useNodes(jobs, selected);
  // The form of the graph never changes during a run: what does is the jobs' status.
  const form = JSON.stringify(nodes.map(({ name, dependsOn }) => [name, dependsOn]));
  const { edges, layout } = useMemo(() => formOf(JSON.parse(form) as [string, string[]][]), [form]);
  const frame = useRef<HTMLDivElement>(null);
  const scale = useScale(frame, layout.width + 2 * PADDING);
  usePan(frame);
  const states = new Map(nodes.map(({ name, jobs: of }) => [name, stateOf(of)]));
  const sight = useSight(frame, scale, nodes.length > MANY);
  const selectedAt = layout.positions.get(selected ?? "");
  useEffect(() => bringIntoSight(frame.current, selectedAt, scale), [selectedAt, scale]);
  const size = { width: layout.width + 2 * PADDING, height: layout.height + 2 * PADDING };
  const isAllFolded = groups.every(({ name }) => folded.has(name));
  return (
    <div className={styles.graph}>
      {groups.length === 0 ? null : (
        <button
          type="button"
          className={styles.folds}
          aria-expanded={!isAllFolded}
          onClick={() => toggle(groups, isAllFolded)}
        >
          {isAllFolded ? "Unfold" : "Fold"} {countOf(groups.length, "group")}
        </button>
      )}
      <div
        ref={frame}
        className={styles.frame}
        role="group"
        aria-label={`Graph of ${countOf(jobs.length, "job")}`}
        tabIndex={0}
        data-graph={jobs.length}
      >
        <div className={styles.sheet} style={{ width: size.width * scale, height: size.height * scale }}>
          <div className={styles.canvas} style={{ ...size, transform: `scale(${scale})` }}>
            <svg className={styles.lines} width={size.width} height={size.height} aria-hidden="true">
              {linesOf(edges, layout, states, selected).map(([look, path]) => (
                <path
                  key={look}
                  d={path}
                  className={classNames(styles.line, ...look.split(" ").map((name) => styles[name]))}
                />
              ))}
            </svg>
            {nodes.map(({ name, jobs: of, isGroup }) => {
              const { x, y } = layout.positions.get(name) ?? { x: 0, y: 0 };
              if (!isInSight(sight, x, y)) return null;
              const place: CSSProperties = { left: x + PADDING, top: y + PADDING };
              const [job] = of;
              return (
                <div key={name} className={styles.place} style={place}>
                  {isGroup ? (
                    <GroupCard name={name} jobs={of} onOpen={() => toggle([{ name, jobs: of }], true)} />
                  ) : job === undefined ? null : (
                    <JobCard job={job} isSelected={name === selected} onSelect={onSelect} />
                  )}
                </div>
              );
            })}
          </div>
        </div>
      </div>
    </div>
  );
}

/** Moves the frame to a card, where it is out of sight; never the page around it. */
function bringIntoSight(frame: HTMLElement | null, card: Point | undefined, scale: number): void {
  if (frame === null || card === undefined) return;
  const { scrollLeft, scrollTop, clientWidth, clientHeight } = frame;
  const [left, top] = [(card.x + PADDING) * scale, (card.y + PADDING) * scale];
  const [width, height] = [SIZES.width * scale, SIZES.height * scale];
  if (left < scrollLeft || left + width > scrollLeft + clientWidth)
    frame.scrollLeft = left + width / 2 - clientWidth / 2;
  if (top < scrollTop || top + height > scrollTop + clientHeight) frame.scrollTop = top + height / 2 - clientHeight / 2;
}

interface Nodes {
  readonly nodes: readonly GraphNode[];
  readonly groups: readonly JobGroup[];
  readonly folded: ReadonlySet<string>;
  readonly toggle: (groups: readonly JobGroup[], opens: boolean) => void;
}

/** Groups are folded, but for that of the selected job and those that somebody has opened. */
function useNodes(jobs: readonly Job[], selected: string | null): Nodes {
  const [chosen, setChosen] = useState<ReadonlyMap<string, boolean>>(new Map());
  const groups = useMemo(() => groupsOf(jobs), [jobs]);
  const isOpen = ({ name, jobs: of }: JobGroup): boolean => chosen.get(name) ?? of.some((job) => job.name === selected);
  const folded = new Set(groups.filter((group) => !isOpen(group)).map(({ name }) => name));
  return {
    nodes: nodesOf(jobs, groups, folded),
    groups,
    folded,
    toggle: (which, opens) => setChosen(new Map([...chosen, ...which.map(({ name }) => [name, opens] as const)])),
  };
}

interface Form {
  readonly edges: readonly { readonly from: string; readonly to: string }[];
  readonly layout: GraphLayout;
}

function formOf(jobs: readonly (readonly [name: string, dependsOn: readonly string[]])[]): Form {
  const nodes = jobs.map(([name]) => name);
  const known = new Set(nodes);
  // A run of some jobs has none of the others.
  const edges = jobs.flatMap(([to, names]) => names.filter((name) => known.has(name)).map((from) => ({ from, to })));
  return { edges, layout: layoutGraph({ nodes, edges }, SIZES) };
}

/** @param width of all of it, in pixels */
function useScale(frame: { readonly current: HTMLElement | null }, width: number): number {
  const [room, setRoom] = useState<number | null>(null);
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return;
    setRoom(element.clientWidth);
    const observer = new ResizeObserver(() => setRoom(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, [frame]);
  const fitting = room === null ? 1 : Math.min(1, room / width);
  return fitting < SMALLEST ? 1 : fitting;
}

type LineState = "idle" | "done" | "failed";

function stateOf(jobs: readonly Job[]): LineState {
  if (jobs.every(({ status }) => status === "success")) return "done";
  return jobs.some(({ status }) => status === "failed") ? "failed" : "idle";
}

function pathOf(layout: GraphLayout, from: string, to: string, bends: readonly Point[]): string {
  const [start, end] = [layout.positions.get(from), layout.positions.get(to)];
  if (start === undefined || end === undefined) return "";
  const middle = SIZES.height / 2;
  const points = [{ x: start.x + SIZES.width, y: start.y + middle }, ...bends, { x: end.x, y: end.y + middle }];
  return points
    .map(({ x, y }, at) => {
      const [px, py] = [x + PADDING, y + PADDING];
      const before = points[at - 1];
      if (before === undefined) return `M${px},${py}`;
      const half = (before.x + x) / 2 + PADDING;
      return `C${half},${before.y + PADDING} ${half},${py} ${px},${py}`;
    })
    .join("");
}

/** Lines that look alike are drawn as one: there are far more of them than of jobs. */
function linesOf(
  edges: Form["edges"],
  layout: GraphLayout,
  states: ReadonlyMap<string, LineState>,
  selected: string | null,
): readonly (readonly [look: string, path: string])[] {
  const paths = new Map<string, string[]>();
  edges.forEach(({ from, to }, at) => {
    const isNear = from === selected || to === selected;
    const look = `${states.get(from) ?? "idle"}${isNear ? " near" : ""}`;
    const path = pathOf(layout, from, to, layout.bends[at] ?? []);
    const known = paths.get(look);
    if (known === undefined) paths.set(look, [path]);
    else known.push(path);
  });
  return [...paths].map(([look, parts]) => [look, parts.join("")]);
}

function isInSight({ left, top, right, bottom }: Sight, x: number, y: number): boolean {
  return x + SIZES.width >= left && x <= right && y + SIZES.height >= top && y <= bottom;
}

interface GroupCardProps {
  readonly name: string;
  readonly jobs: readonly Job[];
  readonly onOpen: () => void;
}

/** What of a group matters most, first. */
const ORDER: readonly Job["status"][] = ["failed", "running", "retry", "pending", "cancelled", "success"];

function GroupCard({ name, jobs, onOpen }: GroupCardProps): ReactElement {
  const status = ORDER.find((each) => jobs.some((job) => job.status === each)) ?? "pending";
  const count = jobs.filter((job) => job.status === status).length;
  const over = jobs.filter((job) => isSettled(job.status)).length;
  const isOver = over === jobs.length;
  return (
    <button
      type="button"
      className={classNames(styles.card, styles.group, styles[statusOf(status)])}
      onClick={onOpen}
      aria-expanded={false}
      tabIndex={-1}
    >
      <StatusMark status={statusOf(status)} word={wordOf(status)} show="icon" />
      <span className={styles.text}>
        <span className={styles.name} title={jobs.map((job) => job.name).join(", ")}>
          {name}
        </span>
        <span className={styles.facts}>
          {jobs.length} jobs · {isOver && count === jobs.length ? wordOf(status) : `${count} ${wordOf(status)}`}
        </span>
      </span>
    </button>
  );
}

interface JobCardProps {
  readonly job: Job;
  readonly isSelected: boolean;
  readonly onSelect: (name: string) => void;
}

const JobCard = memo(function JobCard({ job, isSelected, onSelect }: JobCardProps): ReactElement {
  const mark = markOf(job);
  return (
    <button
      type="button"
      className={classNames(styles.card, styles[mark.status], isSelected && styles.selected)}
      onClick={() => onSelect(job.name)}
      aria-pressed={isSelected}
      tabIndex={-1}
    >
      <StatusMark {...mark} show="icon" />
      <span className={styles.text}>
        <span className={styles.name} title={job.name}>
          {job.name}
        </span>
        <span className={styles.facts}>
          {job.started_at === null ? mark.word : <Duration from={job.started_at} to={job.finished_at} />}
          {job.attempts > 1 ? ` · attempt ${job.attempts}` : ""}
        </span>
      </span>
    </button>
  );
});
