import { useMemo, type ReactElement } from "react";
import type { DefinitionGraph as Graph } from "../../api/generated/operations.ts";
import { classNames } from "../../components/class-names.ts";
import { countOf } from "../../components/format.ts";
import { layoutGraph, type Point } from "../../graph/layout-graph.ts";
import styles from "./definition-graph.module.css";

const SIZES = { width: 152, height: 44, gapX: 36, gapY: 10 };
const PADDING = 12;

export interface DefinitionGraphProps {
  readonly graph: Graph;
  readonly selected: string | null;
  readonly onSelect: (job: string) => void;
}

/** The jobs of a file from left to right, each behind those it waits for; choosing one shows where it is written. */
export function DefinitionGraph({ graph, selected, onSelect }: DefinitionGraphProps): ReactElement {
  const layout = useMemo(
    () => layoutGraph({ nodes: graph.jobs.map(({ name }) => name), edges: graph.edges }, SIZES),
    [graph],
  );
  const place = (name: string): Point => layout.positions.get(name) ?? { x: 0, y: 0 };
  const [width, height] = [layout.width + 2 * PADDING, layout.height + 2 * PADDING];
  return (
    <div
      className={styles.frame}
      tabIndex={0}
      role="group"
      aria-label={`Graph of ${countOf(graph.jobs.length, "job")}`}
    >
      <div className={styles.canvas} style={{ width, height }}>
        <svg className={styles.lines} width={width} height={height} aria-hidden="true">
          {graph.edges.map(({ from, to }, at) => (
            <path key={`${from} ${to}`} className={styles.line} d={pathOf(place(from), place(to), layout.bends[at])} />
          ))}
        </svg>
        {graph.jobs.map(({ name, steps, condition }) => {
          const { x, y } = place(name);
          return (
            <button
              key={name}
              type="button"
              className={classNames(styles.card, condition !== null && styles.conditional)}
              style={{ left: x + PADDING, top: y + PADDING }}
              aria-pressed={name === selected}
              onClick={() => onSelect(name)}
              title={condition === null ? name : `${name}: only if ${condition}`}
            >
              <span className={styles.name}>{name}</span>
              <span className={styles.facts}>{condition === null ? countOf(steps, "step") : <>if {condition}</>}</span>
            </button>
          );
        })}
      </div>
    </div>
  );
}

function pathOf(from: Point, to: Point, bends: readonly Point[] = []): string {
  const middle = SIZES.height / 2;
  const points = [{ x: from.x + SIZES.width, y: from.y + middle }, ...bends, { x: to.x, y: to.y + middle }];
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
