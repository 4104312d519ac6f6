import { Command, Option } from "commander";
import type { Runner } from "../../context.ts";
import { withExamples } from "../../examples.ts";
import { jsonOption, positiveInteger, serverOptions, SIGNED_IN } from "../../options.ts";
import type { ListPipelinesOptions } from "./pipelines.ts";
import type { ListRunsOptions } from "./runs.ts";

export function listCommand(runner: Runner): Command {
  const command = new Command("list").description("List pipelines and runs of a server");
  const pipelines = new Command("pipelines").description("List pipelines in the order they were made");
  for (const option of serverOptions(SIGNED_IN)) pipelines.addOption(option);
  pipelines
    .addOption(jsonOption())
    .action((options: ListPipelinesOptions) =>
      runner(async (context) => (await import("./pipelines.ts")).listPipelines(context, options)),
    );
  const runs = new Command("runs")
    .description("List runs, newest first")
    .option("--pipeline <PIPELINE>", "only of this pipeline: its name, PROJECT/NAME, or its id")
    .addOption(
      new Option("--status <STATUS>", "only those").choices(["pending", "running", "success", "failed", "cancelled"]),
    )
    .option("--ref <REF>", "only of this ref, as refs/heads/main")
    .addOption(new Option("-n, --limit <N>", "how many").argParser(positiveInteger).default(20));
  for (const option of serverOptions(SIGNED_IN)) runs.addOption(option);
  runs
    .addOption(jsonOption())
    .action((options: ListRunsOptions) =>
      runner(async (context) => (await import("./runs.ts")).listRuns(context, options)),
    );
  command.addCommand(withExamples(pipelines, [["waybill list pipelines", "all that you may see"]]));
  command.addCommand(
    withExamples(runs, [
      ["waybill list runs", "the last 20 of all pipelines"],
      ["waybill list runs --pipeline build --status failed --json", "what failed, for a program"],
    ]),
  );
  return withExamples(command, [["waybill list runs", "the last 20 runs of the server"]]);
}
