import * as fc from "fast-check";
import { expect, test } from "vitest";
import { layoutGraph, type GraphInput } from "./layout-graph.ts";

const SIZES = { width: 100, height: 40, gapX: 20, gapY: 10 };

/** Graphs without circles: edges lead from an earlier node to a later one. */
const graphs = fc
  .integer({ min: 1, max: 25 })
  .chain((count) =>
    fc.record({
      count: fc.constant(count),
      pairs: fc.uniqueArray(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)), {
        maxLength: 60,
        selector: ([a, b]) => `${Math.min(a, b)} ${Math.max(a, b)}`,
      }),
    }),
  )
  .map(({ count, pairs }): GraphInput => ({
    nodes: Array.from({ length: count }, (_, index) => `n${index}`),
    edges: pairs
      .filter(([a, b]) => a !== b)
      .map(([a, b]) => ({ from: `n${Math.min(a, b)}`, to: `n${Math.max(a, b)}` })),
  }));

test("edges lead to the right, and no two nodes overlap", () => {
  fc.assert(
    fc.property(graphs, (graph) => {
      const { positions, bends, width, height } = layoutGraph(graph, SIZES);
      const all = [...positions.values()];
      for (const { from, to } of graph.edges) {
        expect(positions.get(to)?.x ?? 0).toBeGreaterThanOrEqual(
          (positions.get(from)?.x ?? 0) + SIZES.width + SIZES.gapX,
        );
      }
      for (const [at, a] of all.entries()) {
        expect(a.x + SIZES.width).toBeLessThanOrEqual(width);
        expect(a.y).toBeGreaterThanOrEqual(-0.001);
        expect(a.y + SIZES.height).toBeLessThanOrEqual(height + 0.001);
        for (const b of all.slice(at + 1)) {
          if (a.x === b.x) expect(Math.abs(a.y - b.y)).toBeGreaterThanOrEqual(SIZES.height + SIZES.gapY - 0.001);
        }
      }
      expect(bends).toHaveLength(graph.edges.length);
    }),
  );
});

test("a chain is a straight line, a fork is symmetric", () => {
  const chain = layoutGraph(
    {
      nodes: ["a", "b", "c"],
      edges: [
        { from: "a", to: "b" },
        { from: "b", to: "c" },
      ],
    },
    SIZES,
  );
  expect([...chain.positions.values()]).toEqual([
    { x: 0, y: 0 },
    { x: 120, y: 0 },
    { x: 240, y: 0 },
  ]);
  const fork = layoutGraph(
    {
      nodes: ["a", "b", "c"],
      edges: [
        { from: "a", to: "b" },
        { from: "a", to: "c" },
      ],
    },
    SIZES,
  );
  expect(fork.positions.get("a")?.y).toBeCloseTo(25);
});

test("500 jobs are laid out in a moment", () => {
  const nodes = Array.from({ length: 500 }, (_, index) => `n${index}`);
  const edges = nodes.flatMap((to, index) =>
    index < 20 ? [] : [1, 7, 19].map((by) => ({ from: `n${index - by}`, to })),
  );
  const startedAt = performance.now();
  expect(layoutGraph({ nodes, edges }, SIZES).positions.size).toBe(500);
  // A limit against what grows too fast, not a budget: it takes 100 to 250 ms.
  expect(performance.now() - startedAt).toBeLessThan(3_000);
});
