/** One line of the text format of Prometheus. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface MetricFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: [""],
  gauge: [""],
  untyped: [""],
  summary: ["", "_sum", "_count"],
  histogram: ["_bucket", "_sum", "_count"],
};

/**
 * Reads what Prometheus would, and refuses what it refuses, or takes for a mistake: a sample outside of its family, a
 * series twice, buckets that fall or have no `+Inf`, an unescaped label.
 */
export function parsePrometheusText(text: string): ReadonlyMap<string, MetricFamily> {
  if (!text.endsWith("\n")) throw new Error("the last line has no end");
  const families = new Map<string, { name: string; type: string; help: string; samples: Sample[] }>();
  const series = new Set<string>();
  let help: readonly [string, string] | null = null;
  let current: string | null = null;
  for (const line of text.slice(0, -1).split("\n")) {
    if (line === "") continue;
    const described = new RegExp(`^# HELP (${NAME}) (.*)$`).exec(line);
    if (described !== null) {
      help = [described[1] ?? "", described[2] ?? ""];
      continue;
    }
    const typed = new RegExp(`^# TYPE (${NAME}) (\\w+)$`).exec(line);
    if (typed !== null) {
      const [, name = "", type = ""] = typed;
      if (families.has(name)) throw new Error(`${name} is there twice`);
      if (help?.[0] !== name) throw new Error(`${name} has no help`);
      if (SUFFIXES[type] === undefined) throw new Error(`${name} has the type ${type}`);
      families.set(name, { name, type, help: help[1], samples: [] });
      current = name;
      continue;
    }
    if (line.startsWith("#")) throw new Error(`what is this: ${line}`);
    const sample = parseSample(line);
    const family = families.get(current ?? "");
    if (family === undefined) throw new Error(`${line} is of no family`);
    const isOfIt = SUFFIXES[family.type]?.some((suffix) => sample.name === family.name + suffix) === true;
    if (!isOfIt) throw new Error(`${sample.name} is among those of ${family.name}`);
    const key = JSON.stringify([sample.name, Object.entries(sample.labels).toSorted(([a], [b]) => (a < b ? -1 : 1))]);
    if (series.has(key)) throw new Error(`${key} is there twice`);
    series.add(key);
    family.samples.push(sample);
  }
  for (const family of families.values()) if (family.type === "histogram") checkHistogram(family);
  return families;
}

function parseSample(line: string): Sample {
  const match = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`).exec(line);
  if (match === null) throw new Error(`no sample: ${line}`);
  const [, name = "", labelText = "", valueText = ""] = match;
  const labels: Record<string, string> = {};
  let rest = labelText;
  while (rest !== "") {
    const label = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/.exec(rest);
    if (label === null) throw new Error(`labels of ${line}`);
    const [whole, key = "", value = ""] = label;
    if (key in labels) throw new Error(`${key} twice in ${line}`);
    labels[key] = value.replaceAll(/\\(["\\n])/g, (_, one: string) => (one === "n" ? "\n" : one));
    rest = rest.slice(whole.length);
  }
  const value = valueText === "+Inf" ? Infinity : valueText === "-Inf" ? -Infinity : Number(valueText);
  if (Number.isNaN(value) && valueText !== "Nan" && valueText !== "NaN") throw new Error(`value of ${line}`);
  return { name, labels, value };
}

function checkHistogram({ name, samples }: MetricFamily): void {
  const groups = Map.groupBy(samples, ({ labels }) =>
    JSON.stringify(Object.entries(labels).filter(([label]) => label !== "le")),
  );
  for (const [labels, group] of groups) {
    const buckets = group.filter((sample) => sample.name === `${name}_bucket`);
    const count = group.find((sample) => sample.name === `${name}_count`)?.value;
    const bounds = buckets.map(({ labels: { le } }) => (le === "+Inf" ? Infinity : Number(le)));
    const isRising = buckets.every(
      ({ value }, at) =>
        at === 0 || (value >= (buckets[at - 1]?.value ?? 0) && (bounds[at] ?? 0) > (bounds[at - 1] ?? 0)),
    );
    if (!isRising || bounds.at(-1) !== Infinity || buckets.at(-1)?.value !== count)
      throw new Error(`${name} ${labels}`);
  }
}
