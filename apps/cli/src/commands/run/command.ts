import { Command, Option } from "commander";
import type { Runner } from "../../context.ts";
import { withExamples } from "../../examples.ts";
import { collect, fileArgument, jsonOption, parameterOptions, positiveInteger, secretsOption } from "../../options.ts";
import { EXECUTOR_MODES } from "../../run/executor-modes.ts";
import type { RunOptions } from "./action.ts";

export function runCommand(runner: Runner): Command {
  const command = new Command("run")
    .description("Run a pipeline here and now")
    .addArgument(fileArgument())
    .addOption(
      new Option(
        "-j, --concurrency <N>",
        "jobs that run at the same time (default: the number of processors)",
      ).argParser(positiveInteger),
    )
    .addOption(
      new Option("--job <JOB>", "run only this job and what it depends on (repeatable)")
        .argParser(collect)
        .default([], "all"),
    )
    .addOption(
      new Option(
        "--resume <RUN>",
        "go on with a run whose process died: its number, its id or the beginning of it, or latest",
      ).conflicts("job"),
    )
    .addOption(
      new Option("--executor <WHERE>", "where jobs run; auto takes the strongest isolation there is for each job")
        .choices(EXECUTOR_MODES)
        .env("WAYBILL_EXECUTOR")
        .default("auto"),
    )
    .addOption(jsonOption("print one JSON object a line for everything that happens").conflicts("plain"))
    .option("--plain", "print lines, also on a terminal");
  for (const option of parameterOptions()) command.addOption(option);
  command.addOption(
    secretsOption("file with what secrets.NAME stands for: NAME=value lines, or a JSON object; masked in all output"),
  );
  command.action((file: string | undefined, options: RunOptions) =>
    runner(async (context) => (await import("./action.ts")).run(context, file, options)),
  );
  return withExamples(command, [
    ["waybill run", "run the pipeline of this project"],
    ["waybill run --job test --var BRANCH=main", "one job and what it needs, with a variable"],
    ["waybill run --secrets ~/.shop-secrets", "with values that are masked wherever they are printed"],
    ["waybill run --executor docker", "every job in containers"],
    ["waybill run --resume latest", "go on with a run that was killed, where it stood"],
    ["waybill run --json | jq -r 'select(.type == \"job.finished\") | .job'", "for a program"],
  ]);
}
