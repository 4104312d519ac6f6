import { Argument, Command } from "commander";
import type { Runner } from "../../context.ts";
import { withExamples } from "../../examples.ts";
import { HERE, jsonOption, serverOptions } from "../../options.ts";
import type { CancelOptions } from "./outcome.ts";

export function cancelCommand(runner: Runner): Command {
  const command = new Command("cancel")
    .description("End a run that goes on in another terminal or on a server, or that died")
    .addArgument(new Argument("<RUN>", "number of the run, its id or the first 8 characters of it, or latest"))
    .option("--no-wait", "do not wait until it has ended");
  for (const option of serverOptions(HERE)) command.addOption(option);
  command
    .addOption(jsonOption())
    .action((run: string, options: CancelOptions) =>
      runner(async (context) =>
        options.server === undefined
          ? (await import("./action.ts")).cancel(context, run, options)
          : (await import("./remote.ts")).cancelRemote(context, run, options),
      ),
    );
  return withExamples(command, [
    ["waybill cancel latest", "end the last run: its steps get SIGTERM and, after 30 s, SIGKILL"],
    ["waybill cancel 7 --no-wait", "ask for it and go"],
  ]);
}
