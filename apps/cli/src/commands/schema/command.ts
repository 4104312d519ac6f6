import { Command } from "commander";
import type { Runner } from "../../context.ts";
import { withExamples } from "../../examples.ts";

export function schemaCommand(runner: Runner): Command {
  const command = new Command("schema")
    .description("Print the JSON Schema of waybill.yaml, for editors")
    .action(() => runner(async (context) => (await import("./action.ts")).schema(context)));
  return withExamples(command, [["waybill schema > waybill.schema.json", "keep it beside the project"]]);
}
