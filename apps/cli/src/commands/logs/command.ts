import { Argument, Command, Option } from "commander";
import type { Runner } from "../../context.ts";
import { withExamples } from "../../examples.ts";
import { HERE, jsonOption, serverOptions, wholeNumber } from "../../options.ts";
import type { LogsOptions } from "./opening.ts";

export function logsCommand(runner: Runner): Command {
  const command = new Command("logs")
    .description("Print what the jobs of a run printed, those of several jobs in the order of time")
    .addArgument(new Argument("<RUN>", "number of the run, its id or the first 8 characters of it, or latest"))
    .addArgument(new Argument("[JOB]", "only this job"))
    .addOption(new Option("--step <STEP>", "only this step: its name, or its number from 1"))
    .addOption(new Option("-f, --follow", "go on with what is printed from now on, until the run or the job has ended"))
    .addOption(
      new Option(
        "--since <TIME>",
        "only what was printed since then: 90s, 10m, 1h30m or 2d ago, or a time as 2026-03-01T12:00:00Z",
      ),
    )
    .addOption(new Option("--grep <PATTERN>", "only lines that match a regular expression (RE2; (?i) ignores case)"))
    .addOption(new Option("-n, --tail <N>", "only the last N lines of each job").argParser(wholeNumber));
  for (const option of serverOptions(HERE)) command.addOption(option);
  command
    .addOption(jsonOption("print one JSON object a line"))
    .action((run: string, job: string | undefined, options: LogsOptions) =>
      runner(async (context) =>
        options.server === undefined
          ? (await import("./action.ts")).logs(context, run, job, options)
          : (await import("./remote.ts")).logsRemote(context, run, job, options),
      ),
    );
  return withExamples(command, [
    ["waybill logs latest", "everything the last run printed"],
    ["waybill logs 12 test --step unit", "one step of one job"],
    ["waybill logs latest --follow --tail 10", "a run that goes on elsewhere, beginning with its last lines"],
    ["waybill logs latest --server https://waybill.example.com", "a run of a server"],
    ["waybill logs latest --since 5m --grep '(?i)error|warn'", "what went wrong lately"],
  ]);
}
