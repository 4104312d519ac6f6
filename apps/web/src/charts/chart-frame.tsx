import {
  useLayoutEffect,
  useRef,
  useState,
  type KeyboardEvent,
  type PointerEvent,
  type ReactElement,
  type ReactNode,
} from "react";
import { Button } from "../components/button.tsx";
import { classNames } from "../components/class-names.ts";
import { labelledColumns, type Axis } from "./scale.ts";
import styles from "./chart.module.css";

/** How a series looks; each tone has its own dashes or hatching, so that grey print tells them apart. */
export type Tone = "success" | "failed" | "cancelled" | "unfinished" | "first" | "second";

export interface Series {
  readonly name: string;
  readonly tone: Tone;
}

/** A day, mostly. */
export interface ChartColumn {
  readonly id: string;
  /** Below the chart. */
  readonly label: string;
  /** One for each series; null: there is none, which is not 0. */
  readonly values: readonly (number | null)[];
  /** What the values are made of: numerator, denominator, sample size. */
  readonly basis: string;
}

export interface ChartProps {
  readonly title: string;
  /** What it amounts to, beside the title. */
  readonly summary?: ReactNode;
  readonly series: readonly Series[];
  readonly columns: readonly ChartColumn[];
  readonly axis: Axis;
  readonly format: (value: number) => string;
}

/** Where a chart draws, in pixels from the upper left. */
export interface Plot {
  readonly xOf: (column: number) => number;
  readonly yOf: (value: number) => number;
  /** Of a column. */
  readonly step: number;
  readonly bottom: number;
}

const HEIGHT = 132;
const MARGIN = { top: 8, right: 8, bottom: 20, left: 44 };
const LABEL_WIDTH = 72;
const SMALLEST = 200;

export interface ChartFrameProps extends ChartProps {
  readonly kind: "bars" | "lines";
  readonly children: (plot: Plot) => ReactNode;
}

/** What all charts have: axes, a legend, what is below the pointer or chosen by arrow keys, and the table behind it. */
export function ChartFrame(props: ChartFrameProps): ReactElement {
  const { title, summary, series, columns, axis, format, kind, children } = props;
  const [isTable, setTable] = useState(false);
  const [chosen, setChosen] = useState<number | null>(null);
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame, isTable);
  const inner = Math.max(1, width - MARGIN.left - MARGIN.right);
  const step = inner / Math.max(1, columns.length);
  const bottom = HEIGHT - MARGIN.bottom;
  const plot: Plot = {
    step,
    bottom,
    xOf: (column) => MARGIN.left + (column + 0.5) * step,
    yOf: (value) => bottom - (value / axis.max) * (bottom - MARGIN.top),
  };
  const labelled = labelledColumns(columns.length, inner, LABEL_WIDTH);
  const onPointerMove = (event: PointerEvent<SVGSVGElement>): void => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left - MARGIN.left;
    setChosen(Math.max(0, Math.min(columns.length - 1, Math.floor(x / step))));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = keyTarget(event.key, chosen, columns.length);
    if (next === undefined) return;
    event.preventDefault();
    setChosen(next);
  };
  const column = chosen === null ? undefined : columns[chosen];
  return (
    <figure className={styles.chart} data-chart={title}>
      <figcaption className={styles.caption}>
        <span className={styles.title}>{title}</span>
        {summary === undefined ? null : <span className={styles.summary}>{summary}</span>}
        <Button
          kind="quiet"
          className={styles.switch}
          aria-pressed={isTable}
          onClick={() => setTable(!isTable)}
          label={isTable ? `${title} as a chart` : `${title} as a table`}
          icon={isTable ? "timeline" : "table"}
        />
      </figcaption>
      {isTable ? (
        <ChartTable {...props} />
      ) : (
        <div ref={frame} className={styles.frame}>
          <svg
            className={styles.svg}
            width={width}
            height={HEIGHT}
            role="img"
            aria-label={`${title}, ${columns.length} days: arrow keys tell each, the table has them all`}
            tabIndex={0}
            onPointerMove={onPointerMove}
            onPointerLeave={() => setChosen(null)}
            onBlur={() => setChosen(null)}
            onKeyDown={onKeyDown}
          >
            <Patterns />
            {axis.ticks.map((tick) => (
              <g key={tick}>
                <line
                  className={styles.grid}
                  x1={MARGIN.left}
                  x2={width - MARGIN.right}
                  y1={plot.yOf(tick)}
                  y2={plot.yOf(tick)}
                />
                <text className={styles.tick} x={MARGIN.left - 6} y={plot.yOf(tick) + 4} textAnchor="end">
                  {format(tick)}
                </text>
              </g>
            ))}
            {columns.map(({ id, label }, at) =>
              labelled.has(at) ? (
                <text
                  key={id}
                  className={styles.tick}
                  x={Math.min(plot.xOf(at), width - MARGIN.right - 2)}
                  y={HEIGHT - 5}
                  textAnchor={at === columns.length - 1 ? "end" : "middle"}
                >
                  {label}
                </text>
              ) : null,
            )}
            {chosen === null ? null : (
              <rect
                className={styles.chosen}
                x={plot.xOf(chosen) - step / 2}
                y={MARGIN.top}
                width={step}
                height={bottom - MARGIN.top}
              />
            )}
            {children(plot)}
          </svg>
          <div className={styles.tip} aria-live="polite">
            {column === undefined || chosen === null ? null : (
              <div
                className={classNames(styles.tipBox, plot.xOf(chosen) > width / 2 && styles.tipLeft)}
                style={
                  plot.xOf(chosen) > width / 2
                    ? { right: width - plot.xOf(chosen) + 10 }
                    : { left: plot.xOf(chosen) + 10 }
                }
              >
                <strong>{column.id}</strong>
                {series.map(({ name, tone }, at) => (
                  <span key={name} className={styles.tipRow}>
                    <Swatch tone={tone} kind={kind} />
                    <span>{name}</span>
                    <span className={styles.value}>{shown(column.values[at], format)}</span>
                  </span>
                ))}
                <span className={styles.basis}>{column.basis}</span>
              </div>
            )}
          </div>
        </div>
      )}
      {series.length < 2 || isTable ? null : (
        <ul className={styles.legend}>
          {series.map(({ name, tone }) => (
            <li key={name}>
              <Swatch tone={tone} kind={kind} /> {name}
            </li>
          ))}
        </ul>
      )}
    </figure>
  );
}

function keyTarget(key: string, chosen: number | null, count: number): number | null | undefined {
  if (key === "Escape") return null;
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  if (key === "ArrowLeft") return chosen === null ? count - 1 : Math.max(0, chosen - 1);
  if (key === "ArrowRight") return chosen === null ? 0 : Math.min(count - 1, chosen + 1);
  return undefined;
}

function shown(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? "–" : format(value);
}

function useWidth(frame: { readonly current: HTMLElement | null }, isTable: boolean): number {
  const [width, setWidth] = useState(SMALLEST);
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const measure = (): void => setWidth(Math.max(SMALLEST, element.clientWidth));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [frame, isTable]);
  return width;
}

/** Hatchings that tell series apart without colour; a chart may name them though another one made them. */
function Patterns(): ReactElement {
  return (
    <defs>
      <pattern id="chart-failed" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect width="4" height="4" className={styles.failed} />
        <rect width="1.4" height="4" className={styles.stripe} />
      </pattern>
      <pattern id="chart-cancelled" width="3" height="3" patternUnits="userSpaceOnUse">
        <rect width="3" height="3" className={styles.stripe} />
        <rect width="1.6" height="1.6" className={styles.cancelled} />
      </pattern>
    </defs>
  );
}

interface SwatchProps {
  readonly tone: Tone;
  readonly kind: "bars" | "lines";
}

function Swatch({ tone, kind }: SwatchProps): ReactElement {
  return (
    <svg width="14" height="10" aria-hidden="true" className={styles.swatch}>
      {kind === "lines" ? (
        <line x1="0" x2="14" y1="5" y2="5" className={classNames(styles.line, styles[`${tone}Line`])} />
      ) : (
        <rect width="14" height="10" rx="1" className={styles[tone]} style={fillOf(tone)} />
      )}
    </svg>
  );
}

/** A hatching where the tone has one. */
export function fillOf(tone: Tone): { readonly fill: string } | undefined {
  return tone === "failed" || tone === "cancelled" ? { fill: `url(#chart-${tone})` } : undefined;
}

function ChartTable({ title, series, columns, format }: ChartProps): ReactElement {
  return (
    <div className={styles.tableFrame} tabIndex={0} role="region" aria-label={`${title}, day by day`}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Day</th>
            {series.map(({ name }) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
            <th scope="col">Of</th>
          </tr>
        </thead>
        <tbody>
          {columns.toReversed().map(({ id, values, basis }) => (
            <tr key={id}>
              <th scope="row">{id}</th>
              {series.map(({ name }, at) => (
                <td key={name}>{shown(values[at], format)}</td>
              ))}
              <td className={styles.basis}>{basis}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
