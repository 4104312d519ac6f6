import type { Argument, Command, Option } from "commander";

export interface Candidate {
  readonly value: string;
  readonly description: string;
}

export interface Completion {
  readonly candidates: readonly Candidate[];
  /** The shell completes file names as well. */
  readonly files: boolean;
}

/** What a placeholder of an argument or option (`JOB`, `RUN` …) can be; undefined: anything. */
export type ValueSource = (
  placeholder: string,
  words: readonly string[],
) => Promise<Completion | undefined> | Completion | undefined;

const NOTHING: Completion = { candidates: [], files: false };

/**
 * Completes a command line by the tree of commands itself, so that help, reference and completion agree.
 *
 * @param words - behind the program's name; the last one, possibly empty, is the one the cursor stands in
 * @param values - candidates for values; what does not begin with the word is left out here
 */
export async function complete(program: Command, words: readonly string[], values: ValueSource): Promise<Completion> {
  const current = words.at(-1) ?? "";
  const before = words.slice(0, -1);
  const line = readLine(program, before);
  const completion = await candidatesFor(program, line, current, (placeholder) => values(placeholder, before));
  return { ...completion, candidates: completion.candidates.filter(({ value }) => value.startsWith(current)) };
}

interface Line {
  /** The word in a command's place; null: there is none yet. */
  readonly name: string | null;
  /** Null: there is no command of that name among ours. */
  readonly command: Command | null;
  /** Arguments given so far. */
  readonly argumentCount: number;
  /** The option whose value comes next. */
  readonly pending: Option | null;
  /** Options given already. */
  readonly used: ReadonlySet<Option>;
  /** After `--` everything is an argument. */
  readonly optionsEnded: boolean;
}

function readLine(program: Command, words: readonly string[]): Line {
  let name: string | null = null;
  let command: Command | null = null;
  let argumentCount = 0;
  let pending: Option | null = null;
  let optionsEnded = false;
  const used = new Set<Option>();
  for (const word of words) {
    if (pending !== null) pending = null;
    else if (!optionsEnded && word === "--") optionsEnded = true;
    else if (!optionsEnded && word.startsWith("-") && word !== "-") {
      const option = findOption(command ?? program, word);
      if (option === undefined) continue;
      used.add(option);
      if (takesValue(option) && !word.includes("=")) pending = option;
    } else if (name === null) {
      name = word;
      command = commandOf(program, word);
    } else {
      const inner: Command | null = argumentCount === 0 ? commandOf(command, word) : null;
      if (inner === null) argumentCount += 1;
      else command = inner;
    }
  }
  return { name, command, argumentCount, pending, used, optionsEnded };
}

function commandOf(parent: Command | null, name: string): Command | null {
  return parent?.commands.find((candidate) => candidate.name() === name) ?? null;
}

async function candidatesFor(
  program: Command,
  line: Line,
  current: string,
  values: (placeholder: string) => ReturnType<ValueSource>,
): Promise<Completion> {
  if (line.pending !== null) return valueOf(line.pending, "", values);
  const command = line.command ?? program;
  if (!line.optionsEnded && current.startsWith("-") && current !== "-") {
    const equals = current.indexOf("=");
    if (equals === -1) return { candidates: optionCandidates(command, line.used), files: false };
    const option = findOption(command, current);
    return option === undefined ? NOTHING : valueOf(option, current.slice(0, equals + 1), values);
  }
  // `help` is commander's own command, and its argument is a command too.
  if (line.name === null || (line.name === "help" && line.argumentCount === 0)) {
    return { candidates: commandCandidates(program), files: false };
  }
  if (line.command === null) return NOTHING;
  if (line.command.commands.length > 0) {
    return { candidates: line.argumentCount === 0 ? commandCandidates(line.command) : [], files: false };
  }
  const argument = argumentAt(line.command, line.argumentCount);
  if (argument === undefined) return NOTHING;
  if (argument.argChoices !== undefined) return choices(argument.argChoices, "");
  return (await values(argument.name())) ?? NOTHING;
}

function commandCandidates(program: Command): Candidate[] {
  return program
    .createHelp()
    .visibleCommands(program)
    .map((command) => ({ value: command.name(), description: command.description() }));
}

function optionCandidates(command: Command, used: ReadonlySet<Option>): Candidate[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .filter((option) => !used.has(option) || isRepeatable(option))
    .flatMap(({ long, description }) => (long === undefined || long === null ? [] : [{ value: long, description }]));
}

/** A parser of its own with an empty collection to begin with: the only options that are worth giving twice. */
function isRepeatable(option: Option): boolean {
  return Array.isArray(option.defaultValue) || option.defaultValue instanceof Map;
}

async function valueOf(
  option: Option,
  prefix: string,
  values: (placeholder: string) => ReturnType<ValueSource>,
): Promise<Completion> {
  if (option.argChoices !== undefined) return choices(option.argChoices, prefix);
  const completion = await values(/[<[]([^>\]]+)[>\]]/.exec(option.flags)?.[1] ?? "");
  if (completion === undefined) return NOTHING;
  const candidates = completion.candidates.map((candidate) => ({ ...candidate, value: prefix + candidate.value }));
  return { ...completion, candidates };
}

function choices(list: readonly string[], prefix: string): Completion {
  return { candidates: list.map((choice) => ({ value: prefix + choice, description: "" })), files: false };
}

function argumentAt(command: Command, index: number): Argument | undefined {
  const last = command.registeredArguments.at(-1);
  return command.registeredArguments[index] ?? (last?.variadic ? last : undefined);
}

function findOption(command: Command, word: string): Option | undefined {
  const name = word.split("=", 1)[0];
  return command
    .createHelp()
    .visibleOptions(command)
    .find(({ long, short }) => name === long || name === short);
}

function takesValue(option: Option): boolean {
  return option.required || option.optional;
}
