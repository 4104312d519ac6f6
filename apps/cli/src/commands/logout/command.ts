import { Command, Option } from "commander";
import type { Runner } from "../../context.ts";
import { withExamples } from "../../examples.ts";
import { jsonOption, SIGNED_IN } from "../../options.ts";
import type { LogoutOptions } from "./action.ts";

export function logoutCommand(runner: Runner): Command {
  const command = new Command("logout")
    .description("Forget the token for a server")
    .addOption(
      new Option("--server <URL>", `address of the server (default: ${SIGNED_IN})`)
        .env("WAYBILL_SERVER")
        .conflicts("all"),
    )
    .option("--all", "forget all servers")
    .addOption(jsonOption())
    .action((options: LogoutOptions) =>
      runner(async (context) => (await import("./action.ts")).logout(context, options)),
    );
  return withExamples(command, [["waybill logout", "forget the token; the server still takes it until it is revoked"]]);
}
