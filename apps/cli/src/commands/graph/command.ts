import { Command, Option } from "commander";
import type { Runner } from "../../context.ts";
import { withExamples } from "../../examples.ts";
import { fileArgument, jsonOption, parameterOptions } from "../../options.ts";
import type { GraphOptions } from "./action.ts";

export function graphCommand(runner: Runner): Command {
  const command = new Command("graph")
    .description("Draw the jobs and what they depend on")
    .addArgument(fileArgument())
    .addOption(new Option("--format <FORMAT>", "how to draw").choices(["tree", "mermaid", "dot"]).default("tree"))
    .addOption(jsonOption("print jobs and edges as JSON instead of a drawing"));
  for (const option of parameterOptions()) command.addOption(option);
  command.action((file: string | undefined, options: GraphOptions) =>
    runner(async (context) => (await import("./action.ts")).graph(context, file, options)),
  );
  return withExamples(command, [
    ["waybill graph", "a tree for reading"],
    ["waybill graph --format mermaid >> README.md", "for a page"],
    ["waybill graph --format dot | dot -Tsvg > jobs.svg", "as a picture, with Graphviz"],
  ]);
}
