import { Argument, Command } from "commander";
import type { Runner } from "../../context.ts";
import { withExamples } from "../../examples.ts";
import { inputOption, jsonOption, parameterOptions, serverOptions, SIGNED_IN, waitOptions } from "../../options.ts";
import type { TriggerOptions } from "./action.ts";

export function triggerCommand(runner: Runner): Command {
  const command = new Command("trigger")
    .description("Start a run of a pipeline of a server")
    .addArgument(new Argument("<PIPELINE>", "its name, PROJECT/NAME, or its id"))
    .option("--ref <REF>", "branch, tag or ref to run (default: the pipeline's default branch)")
    .option("--sha <COMMIT>", "the whole name of a commit of that ref (default: its newest)")
    .addOption(inputOption());
  for (const option of [...parameterOptions(), ...waitOptions(), ...serverOptions(SIGNED_IN)])
    command.addOption(option);
  command
    .addOption(jsonOption("print the result as JSON; with --wait one object a line for everything that happens"))
    .action((pipeline: string, options: TriggerOptions) =>
      runner(async (context) => (await import("./action.ts")).trigger(context, pipeline, options)),
    );
  return withExamples(command, [
    ["waybill trigger build", "run the default branch"],
    ["waybill trigger build --ref release/2 --wait", "run a branch, and show the run until it ends"],
    ["waybill trigger shop/deploy --input environment=staging", "with an input of the pipeline"],
  ]);
}
