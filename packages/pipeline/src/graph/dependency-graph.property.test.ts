import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cycleParameters, DependencyGraph } from "./dependency-graph.ts";

type Entries = readonly (readonly [string, readonly string[]])[];

const MAX_JOBS = 8;

/** Any edges at all, self-dependencies included. */
const digraph: fc.Arbitrary<Entries> = fc
  .array(fc.uniqueArray(fc.nat(MAX_JOBS - 1), { maxLength: 3 }), { maxLength: MAX_JOBS })
  .map((jobs) =>
    jobs.map((dependsOn, at) => [name(at), dependsOn.filter((job) => job < jobs.length).map(name)] as const),
  );

/** Edges only to jobs that come earlier in a hidden order; the file shows the jobs in another one. */
const acyclic: fc.Arbitrary<Entries> = fc
  .array(fc.tuple(fc.uniqueArray(fc.nat(MAX_JOBS - 1), { maxLength: 4 }), fc.integer()), { maxLength: MAX_JOBS })
  .map((jobs) =>
    jobs
      .map(([dependsOn, place], at) => ({ place, entry: [name(at), dependsOn.filter((job) => job < at).map(name)] }))
      .toSorted((a, b) => a.place - b.place)
      .map(({ entry }) => entry as unknown as Entries[number]),
  );

function name(job: number): string {
  return `job-${job}`;
}

/** Every simple path along dependencies, by brute force. */
function* paths(entries: Entries): Generator<readonly string[]> {
  const dependsOn = new Map(entries);
  function* extend(path: readonly string[]): Generator<readonly string[]> {
    yield path;
    for (const next of dependsOn.get(path.at(-1) ?? "") ?? []) if (!path.includes(next)) yield* extend([...path, next]);
  }
  for (const [start] of entries) yield* extend([start]);
}

function cycles(entries: Entries): (readonly string[])[] {
  const dependsOn = new Map(entries);
  return [...paths(entries)].filter((path) => dependsOn.get(path.at(-1) ?? "")?.includes(path[0] ?? ""));
}

function depth(entries: Entries, job: string): number {
  const lengths = [...paths(entries)].filter((path) => path[0] === job).map((path) => path.length);
  return Math.max(...lengths);
}

describe("for any graph", () => {
  test("the reported cycle is real, no other is shorter, and there is none only if no path closes", () => {
    fc.assert(
      fc.property(digraph, (entries) => {
        const all = cycles(entries);
        const lengths = all.map((cycle) => cycle.length);
        const reported = new DependencyGraph(entries).shortestCycle();
        expect(reported === null ? [] : [reported.length]).toEqual(lengths.toSorted((a, b) => a - b).slice(0, 1));
        expect([null, ...all]).toContainEqual(reported);
      }),
    );
  });

  test("a cycle starts with its first job of the file", () => {
    fc.assert(
      fc.property(digraph, (entries) => {
        const order = entries.map(([job]) => job);
        const places = new DependencyGraph(entries).shortestCycle()?.map((job) => order.indexOf(job)) ?? [];
        expect(places[0]).toBe(places.length === 0 ? undefined : Math.min(...places));
      }),
    );
  });

  test("removing the suggested dependency breaks the reported cycle", () => {
    fc.assert(
      fc.property(digraph, (entries) => {
        const cycle = new DependencyGraph(entries).shortestCycle();
        fc.pre(cycle !== null);
        const { job, dependency } = cycleParameters(cycle);
        const removed = entries.map(
          ([mine, dependsOn]) => [mine, dependsOn.filter((other) => mine !== job || other !== dependency)] as const,
        );
        expect(removed).not.toEqual(entries);
        expect(cycles(removed)).not.toContainEqual(cycle);
      }),
    );
  });

  test("transitive dependencies and dependents are what paths lead to", () => {
    fc.assert(
      fc.property(digraph, (entries) => {
        const graph = new DependencyGraph(entries);
        const ends = [...paths(entries)].map((path) => [path[0], path.at(-1)] as const);
        for (const [job] of entries) {
          const ahead = ends.filter(([start, end]) => start === job && end !== job).map(([, end]) => end);
          const behind = ends.filter(([start, end]) => end === job && start !== job).map(([start]) => start);
          expect(new Set(graph.transitiveDependencies(job))).toEqual(new Set(ahead));
          expect(new Set(graph.transitiveDependents(job))).toEqual(new Set(behind));
        }
      }),
    );
  });
});

describe("for any graph without a cycle", () => {
  test("every job is in the earliest level it can be in, in the order of the file", () => {
    fc.assert(
      fc.property(acyclic, (entries) => {
        const expected: string[][] = [];
        for (const [job] of entries) (expected[depth(entries, job) - 1] ??= []).push(job);
        expect(new DependencyGraph(entries).levels()).toEqual(expected);
      }),
    );
  });

  test("the critical path is a chain of dependencies, and none takes longer", () => {
    fc.assert(
      fc.property(
        acyclic,
        fc.array(fc.nat(100), { minLength: MAX_JOBS, maxLength: MAX_JOBS }),
        (entries, durations) => {
          function duration(job: string): number {
            return durations[Number(job.slice("job-".length))] ?? 0;
          }

          function total(path: readonly string[]): number {
            return path.reduce((sum, job) => sum + duration(job), 0);
          }

          const all = [...paths(entries)];
          const graph = new DependencyGraph(entries);
          const critical = graph.criticalPath(duration);
          // A graph without jobs has the empty chain.
          expect(entries.length === 0 ? [[]] : all).toContainEqual(critical.toReversed());
          expect(total(critical)).toBe(Math.max(0, ...all.map(total)));
          const span = total(critical);
          const work = total(entries.map(([job]) => job));
          expect(graph.parallelism(duration)).toBeCloseTo(span === 0 ? 1 : work / span, 1);
        },
      ),
    );
  });

  test("a dependency is called redundant exactly when leaving it out changes no order", () => {
    fc.assert(
      fc.property(acyclic, (entries) => {
        const graph = new DependencyGraph(entries);
        const expected = entries.flatMap(([job, dependsOn]) =>
          dependsOn
            .filter((dependency) =>
              [...paths(entries)].some((path) => path.length > 2 && path[0] === job && path.at(-1) === dependency),
            )
            .map((dependency) => `${job} ${dependency}`),
        );
        const reported = graph.redundantDependencies();
        expect(reported.map(({ job, dependency }) => `${job} ${dependency}`).toSorted()).toEqual(expected.toSorted());
        for (const { job, dependency, through } of reported) {
          expect(graph.dependenciesOf(job)).toContain(through);
          expect(graph.transitiveDependencies(through)).toContain(dependency);
        }
      }),
    );
  });
});

test("redundant dependencies are found among more jobs than fit one word of bits", () => {
  const entries = Array.from({ length: 100 }, (_, at) => {
    return [name(at), at === 0 ? [] : [...new Set([name(at - 1), name(0)])]] as const;
  });
  const reported = new DependencyGraph(entries).redundantDependencies();
  expect(reported).toHaveLength(98);
  expect(reported.at(-1)).toEqual({ job: "job-99", dependency: "job-0", through: "job-98" });
});
