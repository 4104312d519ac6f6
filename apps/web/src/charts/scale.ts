/** Where the lines of an axis are: from 0 up to at least the largest value. */
export interface Axis {
  readonly max: number;
  readonly ticks: readonly number[];
}

const DURATION_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400];
const MOST_TICKS = 4;

/** For counts: 1, 2 or 5 times a power of ten from line to line. @param largest of all values; 0 where there is none */
export function countAxis(largest: number): Axis {
  let step = 1;
  for (let power = 1; Math.ceil(largest / step) > MOST_TICKS; power *= 10) {
    step = [1, 2, 5].map((each) => each * power).find((each) => Math.ceil(largest / each) <= MOST_TICKS) ?? 10 * power;
  }
  return axisOf(largest, step);
}

/** For durations in seconds: lines at times people read, as 30 s, 5 min, 2 h. */
export function durationAxis(largest: number): Axis {
  if (largest <= 1) return { max: 1, ticks: [0, 0.5, 1] };
  const step = DURATION_STEPS.find((each) => Math.ceil(largest / each) <= MOST_TICKS);
  return axisOf(largest, step ?? 86_400 * Math.ceil(largest / 86_400 / MOST_TICKS));
}

/** For parts of a whole. */
export const SHARE_AXIS: Axis = { max: 1, ticks: [0, 0.5, 1] };

function axisOf(largest: number, step: number): Axis {
  const count = Math.max(1, Math.ceil(largest / step));
  return { max: count * step, ticks: Array.from({ length: count + 1 }, (_, at) => at * step) };
}

export interface ChartPoint {
  readonly x: number;
  readonly y: number;
}

/** The stretches of a line: where a value is missing it ends, and begins anew behind the gap. */
export function stretchesOf(points: readonly (ChartPoint | null)[]): readonly (readonly ChartPoint[])[] {
  const stretches: ChartPoint[][] = [];
  let isOpen = false;
  for (const point of points) {
    if (point !== null) {
      if (isOpen) stretches.at(-1)?.push(point);
      else stretches.push([point]);
    }
    isOpen = point !== null;
  }
  return stretches;
}

/** Which columns have their name below them: as many as there is room for, the last one among them. */
export function labelledColumns(count: number, width: number, labelWidth: number): ReadonlySet<number> {
  const every = Math.max(1, Math.ceil((count * labelWidth) / Math.max(1, width)));
  return new Set(Array.from({ length: count }, (_, at) => at).filter((at) => (count - 1 - at) % every === 0));
}
