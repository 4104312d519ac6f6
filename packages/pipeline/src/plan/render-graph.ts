import { renderDot } from "./graph-formats/dot.ts";
import { renderMermaid } from "./graph-formats/mermaid.ts";
import { renderTree } from "./graph-formats/tree.ts";
import type { Plan } from "./plan.ts";

/** Every way to draw a graph: adding one is a file in `graph-formats/` and a line here. */
const RENDERERS = {
  tree: renderTree,
  mermaid: renderMermaid,
  dot: renderDot,
} as const satisfies Readonly<Record<string, (plan: Plan) => string>>;

export type GraphFormat = keyof typeof RENDERERS;

export const GRAPH_FORMATS = Object.keys(RENDERERS) as readonly GraphFormat[];

/** The graph of a plan as text that ends with a line break. Arrows and branches lead from a job to those that wait for it. */
export function renderGraph(plan: Plan, format: GraphFormat): string {
  return RENDERERS[format](plan);
}
