import { Argument, Command } from "commander";
import type { Runner } from "../../context.ts";
import { withExamples } from "../../examples.ts";
import { jsonOption, serverOptions, SIGNED_IN, waitOptions } from "../../options.ts";
import type { StatusOptions } from "./action.ts";

export function statusCommand(runner: Runner): Command {
  const command = new Command("status")
    .description("Show how a run of a server stands, job by job")
    .addArgument(new Argument("<RUN>", "number of the run, its id or the first 8 characters of it, or latest"));
  for (const option of [...waitOptions(), ...serverOptions(SIGNED_IN)]) command.addOption(option);
  command
    .addOption(jsonOption("print the result as JSON; with --wait one object a line for everything that happens"))
    .action((run: string, options: StatusOptions) =>
      runner(async (context) => (await import("./action.ts")).status(context, run, options)),
    );
  return withExamples(command, [
    ["waybill status latest", "how the newest run stands"],
    ["waybill status 12 --wait", "show the run until it has ended; the exit code is that of waybill run"],
  ]);
}
