import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { treeOrder } from "./tree-order.ts";

function drawn(dependencies: Readonly<Record<string, readonly string[]>>): string[] {
  return treeOrder(new Map(Object.entries(dependencies))).map(({ prefix, job }) => prefix + job);
}

describe("the tree of jobs", () => {
  test("draws a diamond with its end below the first of its middle", () => {
    expect(drawn({ a: [], b: ["a"], c: ["a"], d: ["b", "c"] })).toEqual(["a", "├─ b", "│  └─ d", "└─ c"]);
  });

  test("puts a job below the deepest of its dependencies", () => {
    expect(drawn({ a: [], b: ["a"], c: ["a", "b"] })).toEqual(["a", "└─ b", "   └─ c"]);
  });

  test("does not care for the order of the file", () => {
    expect(drawn({ last: ["first"], first: [] })).toEqual(["first", "└─ last"]);
  });

  test("of a chain of 10,000 jobs stays on the screen", () => {
    const chain = new Map(
      Array.from({ length: 10_000 }, (_, index) => [`j${index}`, index === 0 ? [] : [`j${index - 1}`]]),
    );
    const widest = Math.max(...treeOrder(chain).map(({ prefix }) => prefix.length));
    expect(widest).toBeLessThan(40);
  });

  test("has every job of any graph exactly once, behind one it depends on", () => {
    const graph = fc
      .array(fc.array(fc.nat(20), { maxLength: 4 }), { maxLength: 20 })
      .map(
        (rows) =>
          new Map(
            rows.map((needs, job) => [`j${job}`, [...new Set(needs)].filter((n) => n < job).map((n) => `j${n}`)]),
          ),
      );
    fc.assert(
      fc.property(graph, (dependencies) => {
        const order = treeOrder(dependencies).map(({ job }) => job);
        expect(order.toSorted()).toEqual([...dependencies.keys()].toSorted());
        for (const [job, needs] of dependencies) {
          if (needs.length > 0) expect(needs.some((need) => order.indexOf(need) < order.indexOf(job))).toBe(true);
        }
      }),
    );
  });
});
