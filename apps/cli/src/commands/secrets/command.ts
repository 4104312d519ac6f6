import { Argument, Command } from "commander";
import type { Runner } from "../../context.ts";
import { withExamples } from "../../examples.ts";
import { jsonOption, serverOptions, SIGNED_IN } from "../../options.ts";
import type { ScopeOptions, SecretsOptions } from "./action.ts";

export function secretsCommand(runner: Runner): Command {
  const command = new Command("secrets").description(
    "Keep secrets of a project on a server: they go in, and to its jobs",
  );
  for (const declare of [setCommand, listCommand, removeCommand]) command.addCommand(declare(runner));
  return withExamples(command, [
    ["waybill secrets set shop DEPLOY_TOKEN < token.txt", "keep what the file has"],
    ["waybill secrets list shop", "names and scopes; values are shown to nobody"],
  ]);
}

function setCommand(runner: Runner): Command {
  const command = withScope(
    new Command("set").description("Keep a secret, in place of one of its name and scope"),
  ).option("--from <PATH>", "file with the value (default: standard input); a line break at its end is left out");
  command.action((project: string, name: string, options: ScopeOptions & { readonly from?: string }) =>
    runner(async (context) => (await import("./action.ts")).setSecret(context, project, name, options)),
  );
  return withExamples(command, [
    ["waybill secrets set shop DEPLOY_TOKEN --environment production --from token.txt", "for one environment"],
    ["pass show npm | waybill secrets set shop NPM_TOKEN", "from a password manager"],
  ]);
}

function listCommand(runner: Runner): Command {
  const command = new Command("list")
    .description("List the names and scopes of secrets")
    .addArgument(projectArgument());
  for (const option of serverOptions(SIGNED_IN)) command.addOption(option);
  command
    .addOption(jsonOption())
    .action((project: string, options: SecretsOptions) =>
      runner(async (context) => (await import("./action.ts")).listSecrets(context, project, options)),
    );
  return withExamples(command, [["waybill secrets list shop --json", "for a program"]]);
}

function removeCommand(runner: Runner): Command {
  const command = withScope(new Command("remove").description("Forget a secret of this name and scope"));
  command.action((project: string, name: string, options: ScopeOptions) =>
    runner(async (context) => (await import("./action.ts")).removeSecret(context, project, name, options)),
  );
  return withExamples(command, [["waybill secrets remove shop DEPLOY_TOKEN", "no job gets it from now on"]]);
}

function withScope(command: Command): Command {
  command
    .addArgument(projectArgument())
    .addArgument(new Argument("<SECRET>", "its name, as in secrets.NAME of a pipeline file"))
    .option("--environment <ENVIRONMENT>", "only for this environment (default: all)")
    .option("--branch <BRANCH>", "only for this branch, or those of a pattern (default: all)");
  for (const option of serverOptions(SIGNED_IN)) command.addOption(option);
  return command.addOption(jsonOption());
}

function projectArgument(): Argument {
  return new Argument("<PROJECT>", "its name or id");
}
