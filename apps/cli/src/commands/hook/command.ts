import { Command, Option } from "commander";
import type { Runner } from "../../context.ts";
import { withExamples } from "../../examples.ts";
import type { PostReceiveOptions } from "./post-receive.ts";

export function hookCommand(runner: Runner): Command {
  const command = new Command("hook").description("What Git hooks call");
  const postReceive = new Command("post-receive")
    .description("Tell a server of a push: the body of a repository's post-receive hook")
    .addOption(
      new Option("--server <URL>", "the server that runs the repository's pipelines")
        .env("WAYBILL_SERVER")
        .makeOptionMandatory(),
    )
    .option(
      "--repository <URL>",
      "the repository's address as its pipelines name it (default: file:// and this directory)",
    )
    .option(
      "--token-file <PATH>",
      "a file with a token that has the permission webhooks:receive (default: the variable WAYBILL_TOKEN)",
    )
    .action((options: PostReceiveOptions) =>
      runner(async (context) => (await import("./post-receive.ts")).postReceive(context, options)),
    );
  command.addCommand(
    withExamples(postReceive, [
      [
        "exec waybill hook post-receive --server http://127.0.0.1:8080 --token-file /etc/waybill/hook-token",
        "the whole of hooks/post-receive",
      ],
    ]),
  );
  return withExamples(command, [["waybill hook post-receive --help", "how to tell a server of pushes"]]);
}
