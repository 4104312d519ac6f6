import { Command, CommanderError } from "commander";
import manifest from "../package.json" with { type: "json" };
import { commandRegistry } from "./commands/registry.ts";
import type { CommandContext, Runner } from "./context.ts";
import { withExamples } from "./examples.ts";
import { INVALID, SUCCESS, type ExitCode } from "./exit-codes.ts";
import { reportError } from "./translate-error.ts";
import { usageError } from "./usage-error.ts";

/**
 * The tree of commands. Declarations only: each command imports what it does when it is called.
 *
 * @param runner - called with the action of the command that was chosen
 * @param only - declare just this command, where its name is known beforehand; default: all of them
 * @param writeOut - gets help and version; default: standard output, as it is
 */
export function createProgram(runner: Runner, only?: string, writeOut?: (text: string) => void): Command {
  const program = new Command("waybill")
    .description("Run, ship, track and measure: pipelines on your own machine.")
    .usage("COMMAND [OPTIONS]")
    .version(manifest.version, "-V, --version", "print the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [COMMAND]", "show the help of a command")
    // Where an error is printed is for `reportError` to say.
    .configureOutput({ outputError: () => undefined, ...(writeOut === undefined ? {} : { writeOut }) })
    .exitOverride();
  withExamples(program, [
    ["waybill init", "write a waybill.yaml for the project in this directory"],
    ["waybill run", "run the pipeline of this project"],
    ["waybill explain YAML_EMPTY", "what an error code means and what to do"],
  ]);
  for (const [name, declare] of Object.entries(commandRegistry)) {
    if (only !== undefined && name !== only) continue;
    const command = declare(runner, program);
    settle(command, program);
    program.addCommand(command, { hidden: command.name().startsWith("__") });
  }
  return program;
}

/** A command added to another does not take over its settings by itself. */
function settle(command: Command, parent: Command): void {
  command.copyInheritedSettings(parent).helpOption("-h, --help", "show this help");
  for (const child of command.commands) settle(child, command);
  if (command.commands.length > 0) command.helpCommand(false);
}

/**
 * Runs the command line.
 *
 * @param args - without the interpreter and the script
 * @returns the exit code; nothing is thrown for whatever a user may do
 */
export async function runProgram(args: readonly string[], context: CommandContext): Promise<ExitCode> {
  let exitCode: ExitCode = SUCCESS;
  const runner: Runner = async (action) => {
    exitCode = await action(context);
  };
  // Declaring the other commands would take longer than many a command itself.
  const [name = ""] = args;
  const isWholeTreeNeeded = !Object.hasOwn(commandRegistry, name) || name.startsWith("__") || name === "completion";
  // Standard output of the context ends quietly where its reader leaves.
  const writeOut = (text: string): void => void context.stdout.write(text);
  const program = createProgram(runner, isWholeTreeNeeded ? undefined : name, writeOut);
  try {
    if (args.length === 0) program.outputHelp();
    else await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportError(error, context);
    // Help and version were asked for and printed.
    if (error.exitCode === 0) return SUCCESS;
    // A command of several without one of them: its help was printed instead.
    if (error.code === "commander.help") return INVALID;
    return reportError(usageError(error, args, program), context);
  }
}
