import { Command } from "commander";
import type { Runner } from "../../context.ts";
import { withExamples } from "../../examples.ts";
import { jsonOption } from "../../options.ts";
import type { InitOptions } from "./action.ts";

export function initCommand(runner: Runner): Command {
  const command = new Command("init")
    .description("Write a first waybill.yaml for the project in this directory")
    .option("--force", "replace a waybill.yaml that exists")
    .option("--stdout", "print the file instead of writing it")
    .addOption(jsonOption("print what was found and written as JSON"))
    .action((options: InitOptions) => runner(async (context) => (await import("./action.ts")).init(context, options)));
  return withExamples(command, [
    ["waybill init", "look at the project and write waybill.yaml"],
    ["waybill init --stdout", "only show what would be written"],
  ]);
}
