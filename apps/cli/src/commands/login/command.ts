import { Command } from "commander";
import type { Runner } from "../../context.ts";
import { withExamples } from "../../examples.ts";
import { jsonOption, serverOptions, SIGNED_IN } from "../../options.ts";
import type { LoginOptions } from "./action.ts";

export function loginCommand(runner: Runner): Command {
  const command = new Command("login").description("Keep a token for a server, and go there by default");
  for (const option of serverOptions(SIGNED_IN)) command.addOption(option);
  command
    .addOption(jsonOption())
    .action((options: LoginOptions) =>
      runner(async (context) => (await import("./action.ts")).login(context, options)),
    );
  return withExamples(command, [
    ["waybill login --server https://waybill.example.com", "asks for the token, without showing it"],
    ["waybill login --server https://waybill.example.com --token-file -", "takes it from standard input"],
  ]);
}
