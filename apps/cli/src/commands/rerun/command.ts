import { Argument, Command, Option } from "commander";
import type { Runner } from "../../context.ts";
import { withExamples } from "../../examples.ts";
import { collect, jsonOption, parameterOptions, serverOptions, SIGNED_IN, waitOptions } from "../../options.ts";
import type { RerunOptions } from "./action.ts";

export function rerunCommand(runner: Runner): Command {
  const command = new Command("rerun")
    .description("Run the commit of a run of a server again")
    .addArgument(new Argument("<RUN>", "number of the run, its id or the first 8 characters of it, or latest"))
    .addOption(new Option("--failed", "only the jobs that did not succeed, and those behind them"))
    .addOption(
      new Option("--job <JOB>", "only this job and what it needs (repeatable)").argParser(collect).default([], "all"),
    );
  for (const option of [...parameterOptions(), ...waitOptions(), ...serverOptions(SIGNED_IN)])
    command.addOption(option);
  command
    .addOption(jsonOption("print the result as JSON; with --wait one object a line for everything that happens"))
    .action((run: string, options: RerunOptions) =>
      runner(async (context) => (await import("./action.ts")).rerun(context, run, options)),
    );
  return withExamples(command, [
    ["waybill rerun latest --failed --wait", "try what failed again, and look on"],
    ["waybill rerun 12 --job test --var LEVEL=debug", "one job, with another value"],
  ]);
}
