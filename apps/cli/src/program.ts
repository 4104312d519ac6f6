import { Command, CommanderError } from "commander";
import manifest from "../package.json" with { type: "json" };
import { commandRegistry } from "./commands/registry.ts";
import type { CommandContext, Runner } from "./context.ts";
import { withExamples } from "./examples.ts";
import { SUCCESS, type ExitCode } from "./exit-codes.ts";
import { reportError } from "./translate-error.ts";
import { usageError } from "./usage-error.ts";

/**
 * The whole tree of commands. Declarations only: building it costs no more than commander itself, and each command
 * imports what it does when it is called.
 *
 * @param runner - called with the action of the command that was chosen
 */
export function createProgram(runner: Runner): Command {
  const program = new Command("waybill")
    .description("Run, ship, track and measure: pipelines on your own machine.")
    .usage("COMMAND [OPTIONS]")
    .version(manifest.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [COMMAND]", "show the help of a command")
    // Where an error is printed is for `reportError` to say.
    .configureOutput({ outputError: () => undefined })
    .exitOverride();
  withExamples(program, [
    ["waybill init", "write a waybill.yaml for the project in this directory"],
    ["waybill run", "run the pipeline of this project"],
    ["waybill explain YAML_EMPTY", "what an error code means and what to do"],
  ]);
  for (const declare of commandRegistry) {
    const command = declare(runner, program);
    command.copyInheritedSettings(program).helpOption("-h, --help", "show this help");
    program.addCommand(command, { hidden: command.name().startsWith("__") });
  }
  return program;
}

/**
 * Runs the command line.
 *
 * @param args - without the interpreter and the script
 * @returns the exit code; nothing is thrown for whatever a user may do
 */
export async function runProgram(args: readonly string[], context: CommandContext): Promise<ExitCode> {
  let exitCode: ExitCode = SUCCESS;
  const program = createProgram(async (action) => {
    exitCode = await action(context);
  });
  try {
    if (args.length === 0) program.outputHelp();
    else await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportError(error, context);
    // Help and version were asked for and printed.
    if (error.exitCode === 0) return SUCCESS;
    return reportError(usageError(error, args, program), context);
  }
}
