import { Argument, Command, Option } from "commander";
import type { Runner } from "../../context.ts";
import { withExamples } from "../../examples.ts";
import { jsonOption } from "../../options.ts";
import type { LogsOptions } from "./action.ts";

export function logsCommand(runner: Runner): Command {
  const command = new Command("logs")
    .description("Print what the jobs of a run printed")
    .addArgument(new Argument("<RUN>", "number of the run, its id or the first 8 characters of it, or latest"))
    .addArgument(new Argument("[JOB]", "only this job"))
    .addOption(new Option("--step <STEP>", "only this step: its name, or its number from 1"))
    .addOption(jsonOption("print one JSON object a line"))
    .action((run: string, job: string | undefined, options: LogsOptions) =>
      runner(async (context) => (await import("./action.ts")).logs(context, run, job, options)),
    );
  return withExamples(command, [
    ["waybill logs latest", "everything the last run printed"],
    ["waybill logs 12 test --step unit", "one step of one job"],
  ]);
}
