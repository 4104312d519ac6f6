import { WaybillError } from "@waybill/core";
import { Argument, InvalidArgumentError, Option } from "commander";

/**
 * Arguments and options that several commands share, so that they are spelled, explained and checked once.
 * The placeholder (`FILE`, `JOB` …) also tells shell completion what fits: see `completion/values.ts`.
 */
export function fileArgument(): Argument {
  return new Argument(
    "[FILE]",
    "pipeline file, a directory that has one, or - for standard input (default: the nearest one upwards)",
  );
}

export function jsonOption(description = "print the result as JSON"): Option {
  return new Option("--json", description);
}

/** `--var` and `--env-file`, which together make the run-time parameters. */
export function parameterOptions(): Option[] {
  return [
    new Option("--var <NAME=VALUE>", "set a variable, over everything else that sets it (repeatable)")
      .argParser(collectVariable)
      .default(new Map<string, string>(), "none"),
    new Option(
      "--env-file <PATH>",
      "set variables from a file of NAME=VALUE lines; a later file wins over an earlier one, --var over all (repeatable)",
    )
      .argParser(collect)
      .default([], "none"),
  ];
}

export interface ParameterOptions {
  readonly var: ReadonlyMap<string, string>;
  readonly envFile: readonly string[];
}

/** A file of secrets; the same format wherever one is read. */
export function secretsOption(description: string): Option {
  return new Option("--secrets <PATH>", description);
}

/** A whole number of at least 1. */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 1) {
    throw new InvalidArgumentError("It has to be a whole number from 1.");
  }
  return value;
}

/** A whole number, also 0. */
export function wholeNumber(text: string): number {
  return text === "0" ? 0 : positiveInteger(text);
}

/** Collects a repeatable option's values in the order they were given. */
export function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}

/** What a shell takes as the name of an environment variable, since every parameter becomes one; or an input. */
export function isVariableName(name: string): boolean {
  return /^(?:inputs\.)?[A-Za-z_][A-Za-z0-9_]*$/.test(name);
}

function collectVariable(text: string, previous: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const equals = text.indexOf("=");
  if (equals === -1) throw new WaybillError("CLI_VARIABLE_INVALID", { text, problem: "has no value" });
  const name = text.slice(0, equals);
  if (!isVariableName(name)) {
    throw new WaybillError("CLI_VARIABLE_INVALID", { text: name, problem: "has a name that cannot be used" });
  }
  return new Map([...previous, [name, text.slice(equals + 1)]]);
}
