import { Command } from "commander";
import type { Runner } from "../../context.ts";
import { withExamples } from "../../examples.ts";
import type { BackupOptions } from "./action.ts";

export function backupCommand(runner: Runner): Command {
  const command = new Command("backup")
    .description("Write a server's database, logs and artifacts into one file, while it runs")
    .argument("<file>", "the file to make")
    .option("--data <DIR>", "the server's data directory (default: waybill-data; WAYBILL_DATA)")
    .option("--database <PLACE>", "its database, as the server is told (WAYBILL_DATABASE)")
    .option("--artifacts <DIR>", "where its artifacts are, if not in the data directory (WAYBILL_ARTIFACTS)")
    .option("--with-keys", "with the keys of secrets: whoever has the file can read them all")
    .option("--config <PATH>", "the server's file of settings (WAYBILL_CONFIG)")
    .option("--json", "print the result as JSON")
    .action((file: string, options: BackupOptions) =>
      runner(async (context) => (await import("./action.ts")).backup(context, file, options)),
    );
  return withExamples(command, [
    ["waybill backup monday.backup --data /var/lib/waybill", "back up the server of this machine"],
    ["WAYBILL_DATABASE=postgres://… waybill backup monday.backup", "with a PostgreSQL database, by pg_dump"],
  ]);
}
