import type { Argument, Command, Option } from "commander";
import { readFile } from "node:fs/promises";
import { examplesOf } from "../../apps/cli/src/examples.ts";
import { createProgram } from "../../apps/cli/src/program.ts";
import { commandNotes } from "./command-notes.ts";

/** `docs/reference/cli.md`: the tree of commands as Markdown. */
export async function cliReference(): Promise<string> {
  const program = createProgram(async () => undefined);
  const preface = await readFile(new URL("cli-preface.md", import.meta.url), "utf8");
  const commands = program
    .createHelp()
    .visibleCommands(program)
    .filter((command) => command.name() !== "help");
  return [preface, "## Commands", ...commands.map(commandSection)].join("\n\n");
}

function commandSection(command: Command): string {
  const help = command.createHelp();
  return [
    `### waybill ${command.name()}`,
    `${command.description()}.`,
    `\`\`\`sh\nwaybill ${command.name()} ${command.usage()}\n\`\`\``,
    definitionTable("argument", command.registeredArguments.map(argumentRow)),
    definitionTable("option", help.visibleOptions(command).map(optionRow)),
    commandNotes[command.name()] ?? "",
    ...command.commands.map((child) => subcommandSection(command, child)),
    "Examples:",
    `\`\`\`sh\n${examplesOf(command)
      .map(([line, purpose]) => `# ${purpose}\n${line}`)
      .join("\n")}\n\`\`\``,
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function subcommandSection(parent: Command, command: Command): string {
  const help = command.createHelp();
  return [
    `#### waybill ${parent.name()} ${command.name()}`,
    `${command.description()}.`,
    `\`\`\`sh\nwaybill ${parent.name()} ${command.name()} ${command.usage()}\n\`\`\``,
    definitionTable("argument", command.registeredArguments.map(argumentRow)),
    definitionTable("option", help.visibleOptions(command).map(optionRow)),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

type Row = readonly [name: string, description: string];

function definitionTable(heading: string, rows: readonly Row[]): string {
  if (rows.length === 0) return "";
  return [`| ${heading} | meaning |`, "| --- | --- |", ...rows.map(([name, text]) => `| \`${name}\` | ${text} |`)].join(
    "\n",
  );
}

function argumentRow(argument: Argument): Row {
  return [argument.name(), withDetails(argument.description, argument.argChoices, undefined)];
}

function optionRow(option: Option): Row {
  const value: unknown = option.defaultValue;
  const isPlain = typeof value === "string" || typeof value === "number";
  const shownDefault = option.defaultValueDescription ?? (isPlain ? String(value) : undefined);
  return [option.flags, withDetails(option.description, option.argChoices, shownDefault)];
}

function withDetails(
  description: string,
  choices: readonly string[] | undefined,
  shownDefault: string | undefined,
): string {
  const details = [
    ...(choices === undefined ? [] : [`one of ${choices.map((choice) => `\`${choice}\``).join(", ")}`]),
    ...(shownDefault === undefined ? [] : [`default: ${shownDefault}`]),
  ];
  return [description, ...details].join("; ").replaceAll("|", "\\|");
}
