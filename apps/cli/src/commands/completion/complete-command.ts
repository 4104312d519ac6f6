import { Argument, Command } from "commander";
import type { Runner } from "../../context.ts";

/** What the completion scripts call at each press of the tab key. Not for people, hence hidden. */
export function completeCommand(runner: Runner, program: Command): Command {
  return new Command("__complete")
    .addArgument(new Argument("[WORDS...]", "the words after `waybill` up to the cursor, the last one unfinished"))
    .action((words: readonly string[]) =>
      runner(async (context) => (await import("./complete-action.ts")).complete(context, program, words)),
    );
}
