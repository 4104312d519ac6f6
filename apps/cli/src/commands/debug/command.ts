import { Argument, Command, Option } from "commander";
import type { Runner } from "../../context.ts";
import { withExamples } from "../../examples.ts";
import { jsonOption, parameterOptions } from "../../options.ts";
import type { DebugOptions } from "./action.ts";

export function debugCommand(runner: Runner): Command {
  const command = new Command("debug")
    .description("Print the commands that repeat a job's failing step by hand")
    .addArgument(new Argument("<RUN>", "number of the run, its id or the first 8 characters of it, or latest"))
    .addArgument(new Argument("<JOB>", "a job of the run"))
    .addOption(new Option("--step <STEP>", "go up to this step: its name, or its number from 1 (default: what failed)"))
    .addOption(jsonOption());
  for (const option of parameterOptions()) command.addOption(option);
  command.action((run: string, job: string, options: DebugOptions) =>
    runner(async (context) => (await import("./action.ts")).debug(context, run, job, options)),
  );
  return withExamples(command, [
    ["waybill debug latest test", "commands to paste into a shell"],
    ["waybill debug latest test > again.sh && sh again.sh", "the same as a script"],
    ["waybill debug 12 test --var BRANCH=main --json", "for a program, with a variable the run was given"],
  ]);
}
