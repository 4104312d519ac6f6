import { Command, Option } from "commander";
import type { Runner } from "../../context.ts";
import { withExamples } from "../../examples.ts";
import { EXECUTOR_MODES } from "../../run/executor-modes.ts";
import type { ServerOptions } from "./action.ts";

/** Values are checked by the server, which knows where else they may come from. */
export function serverCommand(runner: Runner): Command {
  const command = new Command("server")
    .description("Serve pipelines of Git repositories: API, queue of runs, triggers")
    .option("--data <DIR>", "where the server keeps its files (default: waybill-data; WAYBILL_DATA)")
    .option(
      "--database <PLACE>",
      "a SQLite file, or postgres://user:password@host:port/database (default: waybill.db in the data directory; WAYBILL_DATABASE)",
    )
    .option(
      "--artifacts <DIR>",
      "where artifacts are kept (default: artifacts in the data directory; WAYBILL_ARTIFACTS)",
    )
    .option(
      "--listen <ADDRESS>",
      "HOST:PORT to serve HTTP at, :PORT for all addresses of the machine (default: 127.0.0.1:8080; WAYBILL_LISTEN)",
    )
    .addOption(
      new Option("--executor <WHERE>", "where jobs run (default: auto; WAYBILL_EXECUTOR)").choices(EXECUTOR_MODES),
    )
    .option("--max-runs <N>", "runs that go on at once, others wait (default: 10; WAYBILL_MAX_RUNS)")
    .option("--max-jobs <N>", "jobs of one run at once (default: the number of processors; WAYBILL_MAX_JOBS)")
    .option("--config <PATH>", "a YAML file of these settings (WAYBILL_CONFIG); variables and options beat it")
    .action((options: ServerOptions) =>
      runner(async (context) => (await import("./action.ts")).server(context, options)),
    );
  return withExamples(command, [
    ["waybill server", "serve at 127.0.0.1:8080, everything in ./waybill-data"],
    ["waybill server --data /var/lib/waybill --listen :8080", "serve at every address of this machine"],
    ["WAYBILL_DATABASE=postgres://… waybill server", "keep runs in PostgreSQL, which several servers may share"],
  ]);
}
