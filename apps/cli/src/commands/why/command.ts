import { Argument, Command } from "commander";
import type { Runner } from "../../context.ts";
import { withExamples } from "../../examples.ts";
import { HERE, jsonOption, serverOptions } from "../../options.ts";
import type { WhyOptions } from "./tell-why.ts";

export function whyCommand(runner: Runner): Command {
  const command = new Command("why")
    .description("Say why a job ran, waits, was skipped or failed")
    .addArgument(new Argument("<RUN>", "number of the run, its id or the first 8 characters of it, or latest"))
    .addArgument(new Argument("<JOB>", "a job of the pipeline"));
  for (const option of serverOptions(HERE)) command.addOption(option);
  command
    .addOption(jsonOption())
    .action((run: string, job: string, options: WhyOptions) =>
      runner(async (context) =>
        options.server === undefined
          ? (await import("./action.ts")).why(context, run, job, options)
          : (await import("./remote.ts")).whyRemote(context, run, job, options),
      ),
    );
  return withExamples(command, [
    ["waybill why latest test", "why the last run's job test is as it is"],
    [
      "waybill why 12 deploy --server https://waybill.example.com",
      "a job of a run of a server, and what began the run",
    ],
    ["waybill why 12 deploy --json | jq -r .summary", "for a program"],
  ]);
}
