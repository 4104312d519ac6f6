import { Command, Option } from "commander";
import type { Runner } from "../../context.ts";
import { withExamples } from "../../examples.ts";
import { collect, fileArgument, jsonOption, parameterOptions, positiveInteger } from "../../options.ts";
import type { SimulateOptions } from "./action.ts";

export function simulateCommand(runner: Runner): Command {
  const command = new Command("simulate")
    .description("Show how a run would go if its jobs ended so and so; nothing is executed")
    .addArgument(fileArgument())
    .addOption(new Option("--events <PATH>", "JSON file of how jobs end, in this order, or - for standard input"))
    .addOption(
      new Option(
        "-j, --concurrency <N>",
        "jobs that run at the same time (default: no limit, on every machine the same)",
      ).argParser(positiveInteger),
    )
    .addOption(
      new Option("--job <JOB>", "simulate only this job and what it depends on (repeatable)")
        .argParser(collect)
        .default([], "all"),
    )
    .addOption(jsonOption());
  for (const option of parameterOptions()) command.addOption(option);
  command.action((file: string | undefined, options: SimulateOptions) =>
    runner(async (context) => (await import("./action.ts")).simulate(context, file, options)),
  );
  return withExamples(command, [
    ["waybill simulate", "which jobs start first"],
    ["waybill simulate --events events.json", "what follows when jobs end as the file says"],
    ['echo \'[{"job": "build", "outcome": "failed"}]\' | waybill simulate --events - --json', "for a program"],
  ]);
}
