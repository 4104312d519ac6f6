import type { CommandContext } from "../context.ts";
import { GatheredOutput } from "../text/gathered-output.ts";
import { styleFor } from "../text/style.ts";
import { JsonLines } from "./json-lines.ts";
import { plainLines } from "./plain.ts";
import type { Renderer } from "./renderer.ts";
import type { RunState } from "./run-state.ts";

export type RunView = "json" | "plain" | "live";

/** A terminal gets the live view, unless it is too simple for one or lines were asked for. */
export function chooseView(
  context: CommandContext,
  options: { readonly json?: boolean; readonly plain?: boolean },
): RunView {
  if (options.json) return "json";
  const live = context.stdout.isTTY && context.env["TERM"] !== "dumb";
  return options.plain || !live ? "plain" : "live";
}

export interface RenderedRun {
  readonly id: string;
  /** Each job with those it depends on. */
  readonly dependencies: ReadonlyMap<string, readonly string[]>;
  /** What the live view draws; the caller keeps it up to date. */
  readonly state: RunState;
}

/**
 * Loads what a view needs before there is a run to show: once one has started, the first notice is due at once.
 *
 * @returns makes the view of a run
 */
export async function loadRenderer(context: CommandContext, view: RunView): Promise<(run: RenderedRun) => Renderer> {
  const style = styleFor(context.stdout, context.env);
  if (view === "live") {
    const [{ createLiveRenderer }, { treeOrder }] = await Promise.all([import("./live.ts"), import("./tree-order.ts")]);
    return ({ dependencies, state }) =>
      createLiveRenderer(context.stdout, state, {
        tree: treeOrder(dependencies),
        clock: context.clock,
        style,
      });
  }
  const message = (text: string): void => void context.stderr.write(`${text}\n`);
  const output = new GatheredOutput(context.stdout);
  const close = (): boolean => {
    void output.flush();
    return false;
  };
  if (view === "plain") {
    return () => ({ notice: (notice) => output.add(plainLines(notice, style)), message, close });
  }
  return ({ id }) => {
    const lines = new JsonLines(id);
    return { notice: (notice) => output.add(lines.line(notice)), message, close };
  };
}
