import { describe, expect, test } from "vitest";
import { DependencyGraph } from "./dependency-graph.ts";

/** `b: a, c` is "b depends on a and c". */
function graphOf(jobs: Readonly<Record<string, string>>): DependencyGraph {
  return new DependencyGraph(
    Object.entries(jobs).map(([name, dependsOn]) => [name, dependsOn.split(" ").filter(Boolean)] as const),
  );
}

const diamond = { A: "", B: "A", C: "A", D: "B C" };

describe("dependency graph", () => {
  describe("levels", () => {
    test.each([
      ["a chain runs one job after the other", { A: "", B: "A", C: "B", D: "C" }, [["A"], ["B"], ["C"], ["D"]]],
      ["a diamond runs its middle side by side", diamond, [["A"], ["B", "C"], ["D"]]],
      ["two roots start together", { A: "", B: "", C: "A", D: "B", E: "C D" }, [["A", "B"], ["C", "D"], ["E"]]],
      ["a single job is a level of its own", { "single-job": "" }, [["single-job"]]],
      ["a job without any edge starts at once", { A: "", B: "A", alone: "" }, [["A", "alone"], ["B"]]],
      [
        "jobs of a level keep the order of the file",
        { Z: "", D: "Z", A: "Z", C: "" },
        [
          ["Z", "C"],
          ["D", "A"],
        ],
      ],
      ["a job waits for its deepest dependency", { A: "", B: "A", C: "A B" }, [["A"], ["B"], ["C"]]],
      ["a job may come before its dependencies in the file", { B: "A", A: "" }, [["A"], ["B"]]],
      ["a graph without jobs has no levels", {}, []],
    ])("%s", (_name, jobs, levels) => {
      expect(graphOf(jobs).levels()).toEqual(levels);
    });

    test("a cycle has no order: the error shows it", () => {
      expect(() => graphOf({ A: "C", B: "A", C: "B" }).levels()).toThrow(
        expect.objectContaining({ code: "GRAPH_CYCLE", message: "Circular dependency detected: A → C → B → A" }),
      );
    });

    test("a chain of 10,000 jobs is 10,000 levels", () => {
      const levels = chain(10_000).levels();
      expect(levels).toHaveLength(10_000);
      expect(levels.at(-1)).toEqual(["job-9999"]);
    });
  });

  describe("shortest cycle", () => {
    test.each([
      ["there is none in a diamond", diamond, null],
      ["two jobs that wait for each other", { A: "B", B: "A" }, ["A", "B"]],
      ["a job that depends on itself", { A: "", B: "A B" }, ["B"]],
      ["the shorter of two cycles", { A: "B", B: "C", C: "A", D: "E", E: "D" }, ["D", "E"]],
      ["the shorter of two cycles that share jobs", { A: "B", B: "C A", C: "D", D: "A" }, ["A", "B"]],
      ["the first in the file of equally short ones", { A: "", C: "D", D: "C", E: "F", F: "E" }, ["C", "D"]],
      ["without the jobs that wait for it", { A: "B", B: "A", C: "A", D: "C" }, ["A", "B"]],
      ["without the jobs between two cycles", { A: "B", B: "A", C: "B", D: "C E", E: "D" }, ["A", "B"]],
      ["starting with its first job of the file", { X: "C", A: "B", B: "C", C: "A" }, ["A", "B", "C"]],
    ])("%s", (_name, jobs, cycle) => {
      expect(graphOf(jobs).shortestCycle()).toEqual(cycle);
    });

    test("is found through 10,000 jobs in a ring", () => {
      const ring = new DependencyGraph([...chainEntries(10_000).slice(1), ["job-0", ["job-9999"]]]);
      expect(ring.shortestCycle()).toHaveLength(10_000);
    });

    test("of any length gives an error that can be read", () => {
      const ring = new DependencyGraph([["job-0", ["job-9999"]], ...chainEntries(10_000).slice(1)]);
      expect(() => ring.levels()).toThrow(
        /^Circular dependency detected: job-0 → job-9999 → .* → … 9980 more … → job-0$/,
      );
    });
  });

  describe("neighbours", () => {
    test("dependencies come as written, dependents in the order of the file", () => {
      const graph = graphOf({ A: "", B: "", D: "B A", C: "A" });
      expect(graph.dependenciesOf("D")).toEqual(["B", "A"]);
      expect(graph.dependentsOf("A")).toEqual(["D", "C"]);
    });

    test("a repeated dependency counts once", () => {
      const graph = graphOf({ A: "", B: "A A" });
      expect(graph.dependenciesOf("B")).toEqual(["A"]);
      expect(graph.levels()).toEqual([["A"], ["B"]]);
    });

    test("a failing job takes down all that wait for it, directly or not", () => {
      const graph = graphOf({ ...diamond, E: "D", F: "" });
      expect(graph.transitiveDependents("B")).toEqual(["D", "E"]);
      expect(graph.transitiveDependencies("E")).toEqual(["A", "B", "C", "D"]);
    });

    test("a job on a cycle is not its own dependency", () => {
      expect(graphOf({ A: "B", B: "A" }).transitiveDependencies("A")).toEqual(["B"]);
    });

    test("an unknown job is an error that suggests close names", () => {
      expect(() => graphOf({ build: "", test: "build" }).dependenciesOf("biuld")).toThrow(
        expect.objectContaining({
          code: "GRAPH_UNKNOWN_JOB",
          remedy: 'Did you mean "build"? Jobs in this pipeline: build, test.',
        }),
      );
    });

    test("an unknown dependency is an error that suggests close names", () => {
      expect(() => graphOf({ build: "", test: "biuld" })).toThrow(
        expect.objectContaining({
          code: "GRAPH_UNKNOWN_DEPENDENCY",
          message: 'Job "test" depends on "biuld", but there is no job of that name',
          remedy: 'Did you mean "build"? Jobs in this pipeline: build, test.',
        }),
      );
    });

    test("a job listed twice is an error", () => {
      const twice = [["A", []] as const, ["A", []] as const];
      expect(() => new DependencyGraph(twice)).toThrow(expect.objectContaining({ code: "GRAPH_DUPLICATE_JOB" }));
    });
  });

  describe("critical path and parallelism", () => {
    test("the longest chain counts jobs where nothing is known of their duration", () => {
      const graph = graphOf({ A: "", B: "A", C: "A", D: "C", E: "B D" });
      expect(graph.criticalPath()).toEqual(["A", "C", "D", "E"]);
      expect(graph.parallelism()).toBe(1.25);
    });

    test("durations move it", () => {
      const seconds: Record<string, number> = { A: 10, B: 60, C: 5, D: 5, E: 10 };
      const graph = graphOf({ A: "", B: "A", C: "A", D: "C", E: "B D" });
      expect(graph.criticalPath((job) => seconds[job] ?? 0)).toEqual(["A", "B", "E"]);
      expect(graph.parallelism((job) => seconds[job] ?? 0)).toBe(1.13);
    });

    test("of equally long chains the first in the file is given", () => {
      expect(graphOf({ A: "", B: "", C: "B A", D: "A" }).criticalPath()).toEqual(["A", "C"]);
    });

    test("jobs that take no time leave nothing to speed up", () => {
      expect(graphOf(diamond).parallelism(() => 0)).toBe(1);
    });

    test("a chain gains nothing from more machines, independent jobs gain all of it", () => {
      expect(chain(50).parallelism()).toBe(1);
      expect(graphOf({ A: "", B: "", C: "" }).parallelism()).toBe(3);
    });

    test("there is none with a cycle", () => {
      expect(() => graphOf({ A: "B", B: "A" }).criticalPath()).toThrow(
        expect.objectContaining({ code: "GRAPH_CYCLE" }),
      );
    });
  });

  describe("redundant dependencies", () => {
    test("a dependency of a dependency need not be named", () => {
      expect(graphOf({ A: "", B: "A", C: "A B" }).redundantDependencies()).toEqual([
        { job: "C", dependency: "A", through: "B" },
      ]);
    });

    test("the nearest of several dependencies is named as the reason", () => {
      expect(graphOf({ A: "", B: "A", C: "B", D: "A C B" }).redundantDependencies()).toEqual([
        { job: "D", dependency: "A", through: "C" },
        { job: "D", dependency: "B", through: "C" },
      ]);
    });

    test("a diamond has none", () => {
      expect(graphOf(diamond).redundantDependencies()).toEqual([]);
    });

    test("jobs that wait for a cycle are passed over", () => {
      expect(graphOf({ A: "B", B: "A", C: "A B" }).redundantDependencies()).toEqual([]);
    });
  });
});

function chainEntries(length: number): [string, string[]][] {
  return Array.from({ length }, (_, at) => [`job-${at}`, at === 0 ? [] : [`job-${at - 1}`]]);
}

function chain(length: number): DependencyGraph {
  return new DependencyGraph(chainEntries(length));
}
