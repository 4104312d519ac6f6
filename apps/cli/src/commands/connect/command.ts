import { Argument, Command } from "commander";
import type { Runner } from "../../context.ts";
import { withExamples } from "../../examples.ts";
import { jsonOption, serverOptions, SIGNED_IN } from "../../options.ts";
import type { ConnectOptions } from "./action.ts";

export function connectCommand(runner: Runner): Command {
  const command = new Command("connect")
    .description("Make a pipeline of a repository on a server, and its project where there is none")
    .addArgument(new Argument("<REPOSITORY>", "its address, as https://… or ssh://…, or a directory of this machine"))
    .option("--project <NAME>", "the project it belongs to (default: the name of the repository)")
    .option("--name <NAME>", "what the pipeline is called (default: the name of the repository)")
    .option("--file <PATH>", "pipeline file in the repository", "waybill.yaml")
    .option("--branch <BRANCH>", "what runs where no ref is named", "main");
  for (const option of serverOptions(SIGNED_IN)) command.addOption(option);
  command
    .addOption(jsonOption())
    .action((repository: string, options: ConnectOptions) =>
      runner(async (context) => (await import("./action.ts")).connect(context, repository, options)),
    );
  return withExamples(command, [
    ["waybill connect https://git.example.com/shop.git", "the project and the pipeline shop"],
    ["waybill connect /srv/git/shop.git --name nightly --file ci/nightly.yaml", "another pipeline of a repository"],
  ]);
}
