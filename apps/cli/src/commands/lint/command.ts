import { Argument, Command } from "commander";
import type { Runner } from "../../context.ts";
import { withExamples } from "../../examples.ts";
import { jsonOption, parameterOptions } from "../../options.ts";
import type { LintOptions } from "./action.ts";

export function lintCommand(runner: Runner): Command {
  const command = new Command("lint")
    .description("Check pipeline files and list every problem with its place and what to do")
    .addArgument(
      new Argument(
        "[FILE...]",
        "pipeline files, directories that have one, or - for standard input (default: the nearest one upwards)",
      ),
    )
    .addOption(jsonOption());
  for (const option of parameterOptions()) command.addOption(option);
  command.action((files: readonly string[], options: LintOptions) =>
    runner(async (context) => (await import("./action.ts")).lint(context, files, options)),
  );
  return withExamples(command, [
    ["waybill lint", "check the pipeline of this project"],
    ["waybill lint --json services/*/waybill.yaml", "check several, for a program"],
    ["waybill lint - < draft.yaml", "check what comes on standard input"],
  ]);
}
