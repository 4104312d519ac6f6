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
    .option("--reject", "refuse it")
    .option("--comment <TEXT>", "why, for the record");
  for (const option of serverOptions(SIGNED_IN)) command.addOption(option);
  command
    .addOption(jsonOption())
    .action((reference: string | undefined, options: ApproveOptions) =>
      runner(async (context) => (await import("./action.ts")).approve(context, reference, options)),
    );
  return withExamples(command, [
    ["waybill approve", "list what waits"],
    ["waybill approve 12", "approve all that waits in a run"],
    ['waybill approve 12 --reject --comment "not on a Friday"', "refuse it"],
  ]);
}
