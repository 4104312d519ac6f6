import { Command, Option } from "commander";
import type { Runner } from "../../context.ts";
import { withExamples } from "../../examples.ts";
import { jsonOption, positiveInteger } from "../../options.ts";
import type { RunsOptions } from "./action.ts";

export function runsCommand(runner: Runner): Command {
  const command = new Command("runs")
    .description("List the runs of this project, newest first")
    .addOption(new Option("-n, --limit <N>", "how many").argParser(positiveInteger).default(20))
    .addOption(jsonOption())
    .action((options: RunsOptions) => runner(async (context) => (await import("./action.ts")).runs(context, options)));
  return withExamples(command, [
    ["waybill runs", "the last 20 runs"],
    ["waybill runs --json --limit 1", "the last one, for a program"],
  ]);
}
