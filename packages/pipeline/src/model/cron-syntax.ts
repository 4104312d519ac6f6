interface CronField {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
}

const FIELDS: readonly CronField[] = [
  { name: "minute", min: 0, max: 59, names: [] },
  { name: "hour", min: 0, max: 23, names: [] },
  { name: "day of the month", min: 1, max: 31, names: [] },
  {
    name: "month",
    min: 1,
    max: 12,
    names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
  },
  { name: "day of the week", min: 0, max: 7, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
];

/** February has its 29th often enough. */
const LONGEST_MONTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const MAX_CRON_LENGTH = 200;

/**
 * What is wrong with a cron expression, to follow it in a sentence; null: nothing.
 *
 * Five fields of numbers, names of months and days, ranges, lists and steps: what every cron knows. Extensions of single
 * programs (seconds, `L`, `W`, `#`, `@daily`) are refused, so that a schedule means the same wherever it is read.
 */
export function cronProblem(expression: string): string | null {
  if (expression.length > MAX_CRON_LENGTH) return "is too long";
  const parts = expression.trim().split(/\s+/);
  if (parts.length !== FIELDS.length) {
    const count = parts[0] === "" ? 0 : parts.length;
    return `has ${count} ${count === 1 ? "field" : "fields"} instead of five`;
  }
  const values: ReadonlySet<number>[] = [];
  for (const [index, field] of FIELDS.entries()) {
    const read = readField(parts[index] ?? "", field);
    if (typeof read === "string") return read;
    values.push(read);
  }
  const [, , days, months] = values;
  // Where a day of the week is given too, one of both is enough.
  if (parts[4] !== "*" || days === undefined || months === undefined) return null;
  const first = Math.min(...days);
  const isPossible = [...months].some((month) => first <= (LONGEST_MONTHS[month - 1] ?? 0));
  return isPossible ? null : "names a day that none of its months has";
}

/** The values a field stands for, or what is wrong with it. */
function readField(text: string, field: CronField): ReadonlySet<number> | string {
  const values = new Set<number>();
  for (const item of text.split(",")) {
    const match = /^(\*|[A-Za-z0-9]+(?:-[A-Za-z0-9]+)?)(?:\/(\d{1,2}))?$/.exec(item);
    if (match === null) return `has "${item.slice(0, 40)}" as its ${field.name}`;
    const [, range = "", stepText] = match;
    const step = stepText === undefined ? 1 : Number(stepText);
    const ends = range === "*" ? [field.min, field.max] : range.split("-").map((end) => numberOf(end, field));
    const from = ends[0] ?? null;
    const to = ends.length > 1 ? (ends[1] ?? null) : from;
    // Steps from a single value mean one thing to some programs and another to others.
    const isVague = ends.length === 1 && stepText !== undefined;
    if (isVague || from === null || to === null || to < from || step < 1) {
      return `has "${item}" as its ${field.name}, which goes from ${field.min} to ${field.max}`;
    }
    for (let value = from; value <= to; value += step) values.add(value);
  }
  return values;
}

function numberOf(text: string, { min, max, names }: CronField): number | null {
  const named = names.indexOf(text.toLowerCase());
  if (named !== -1) return named + (min === 1 ? 1 : 0);
  if (!/^\d{1,2}$/.test(text)) return null;
  const value = Number(text);
  return value >= min && value <= max ? value : null;
}
