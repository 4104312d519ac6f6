import { Command } from "commander";
import type { Runner } from "../../context.ts";
import { withExamples } from "../../examples.ts";
import { secretsOption } from "../../options.ts";
import type { MaskOptions } from "./action.ts";

export function maskCommand(runner: Runner): Command {
  const command = new Command("mask")
    .description("Copy standard input to standard output without the secrets in it")
    .addOption(secretsOption("file with one secret a line, or a JSON list or object").makeOptionMandatory())
    .action((options: MaskOptions) => runner(async (context) => (await import("./action.ts")).mask(context, options)));
  return withExamples(command, [
    ["make deploy 2>&1 | waybill mask --secrets secrets.txt", "a log that can be shown"],
    ["waybill mask --secrets secrets.json < build.log > clean.log", "a log that exists, secrets of several lines"],
  ]);
}
