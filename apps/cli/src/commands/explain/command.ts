import { Argument, Command } from "commander";
import type { Runner } from "../../context.ts";
import { withExamples } from "../../examples.ts";
import { jsonOption } from "../../options.ts";
import type { ExplainOptions } from "./action.ts";

export function explainCommand(runner: Runner): Command {
  const command = new Command("explain")
    .description("Tell what an error code means and what to do about it; without a code, list them all")
    .addArgument(new Argument("[CODE]", "an error code, in any case"))
    .addOption(jsonOption())
    .action((code: string | undefined, options: ExplainOptions) =>
      runner(async (context) => (await import("./action.ts")).explain(context, code, options)),
    );
  return withExamples(command, [
    ["waybill explain cli_no_pipeline", "one code"],
    ["waybill explain", "all of them"],
  ]);
}
