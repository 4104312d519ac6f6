import type { Command } from "commander";

/** A command line and what it is for. */
export type Example = readonly [commandLine: string, purpose: string];

const examples = new WeakMap<Command, readonly Example[]>();

/** Gives a command examples: shown below its help, and in the reference made from it. */
export function withExamples(command: Command, list: readonly Example[]): Command {
  examples.set(command, list);
  const width = Math.max(...list.map(([line]) => line.length));
  const lines = list.map(([line, purpose]) => `  ${line.padEnd(width)}  ${purpose}`);
  return command.addHelpText("after", `\nExamples:\n${lines.join("\n")}`);
}

export function examplesOf(command: Command): readonly Example[] {
  return examples.get(command) ?? [];
}
