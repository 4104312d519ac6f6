import { Command } from "commander";
import type { Runner } from "../../context.ts";
import { withExamples } from "../../examples.ts";
import { fileArgument, jsonOption, parameterOptions } from "../../options.ts";
import type { PlanOptions } from "./action.ts";

export function planCommand(runner: Runner): Command {
  const command = new Command("plan")
    .description("Show what a run would do, in which order, with every variable filled in")
    .addArgument(fileArgument())
    .addOption(jsonOption());
  for (const option of parameterOptions()) command.addOption(option);
  command.action((file: string | undefined, options: PlanOptions) =>
    runner(async (context) => (await import("./action.ts")).plan(context, file, options)),
  );
  return withExamples(command, [
    ["waybill plan", "what `waybill run` would do"],
    ["waybill plan --var BRANCH=main --json", "the same with a variable, for a program"],
  ]);
}
