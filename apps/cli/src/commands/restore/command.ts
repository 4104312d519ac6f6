import { Command } from "commander";
import type { Runner } from "../../context.ts";
import { withExamples } from "../../examples.ts";
import type { RestoreOptions } from "./action.ts";

export function restoreCommand(runner: Runner): Command {
  const command = new Command("restore")
    .description("Put a backup back, into an empty data directory and an empty database")
    .argument("<file>", "a file that `waybill backup` made")
    .option("--data <DIR>", "the data directory to make (default: waybill-data; WAYBILL_DATA)")
    .option("--database <PLACE>", "the database, of the same kind as the one of the backup (WAYBILL_DATABASE)")
    .option("--artifacts <DIR>", "where artifacts are to be, if not in the data directory (WAYBILL_ARTIFACTS)")
    .option("--config <PATH>", "the server's file of settings (WAYBILL_CONFIG)")
    .option("--json", "print the result as JSON")
    .action((file: string, options: RestoreOptions) =>
      runner(async (context) => (await import("./action.ts")).restore(context, file, options)),
    );
  return withExamples(command, [
    ["waybill restore monday.backup --data /var/lib/waybill", "then start the server with the same --data"],
  ]);
}
