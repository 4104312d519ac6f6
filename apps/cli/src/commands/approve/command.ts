import { Argument, Command } from "commander";
import type { Runner } from "../../context.ts";
import { withExamples } from "../../examples.ts";
import { jsonOption, serverOptions, SIGNED_IN } from "../../options.ts";
import type { ApproveOptions } from "./action.ts";

export function approveCommand(runner: Runner): Command {
  const command = new Command("approve")
    .description("Approve what waits for somebody's word, or refuse it")
    .addArgument(
      new Argument("[RUN]", "number of the run, its id or the beginning of it, or latest; or an approval's id"),
    )
    .addArgument(new Argument("[JOB]", "of what waits in the run, only this job"))
    .option("--reject", "refuse it")
    .option("--comment <TEXT>", "why, for the record");
  for (const option of serverOptions(SIGNED_IN)) command.addOption(option);
  command
    .addOption(jsonOption())
    .action((reference: string | undefined, job: string | undefined, options: ApproveOptions) =>
      runner(async (context) => (await import("./action.ts")).approve(context, reference, job, options)),
    );
  return withExamples(command, [
    ["waybill approve", "list what waits"],
    ["waybill approve 12", "approve all that waits in a run"],
    ["waybill approve 12 ship", "approve one job of it"],
    ['waybill approve 12 --reject --comment "not on a Friday"', "refuse it"],
  ]);
}
