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

/**
 * `--server` and `--token-file`.
 *
 * @param fallback - what there is where no server is named, for the help
 */
export function serverOptions(fallback: string): Option[] {
  return [
    new Option("--server <URL>", `address of a server (default: ${fallback})`).env("WAYBILL_SERVER"),
    new Option(
      "--token-file <PATH>",
      "file with a token for it, - for standard input (default: WAYBILL_TOKEN, then that of waybill login)",
    ),
  ];
}

/** For commands that start or show a run of a server. */
export function waitOptions(): Option[] {
  return [
    new Option("-w, --wait", "show the run until it has ended, and end as waybill run would"),
    new Option("--plain", "with --wait: print lines, also on a terminal"),
  ];
}

export function inputOption(): Option {
  return new Option("--input <NAME=VALUE>", "set an input of the pipeline (repeatable)")
    .argParser(collectVariable)
    .default(new Map<string, string>(), "none");
}

/** Where a command is about this project as long as no server is named. */
export const HERE = "none, this project";
/** Where a command is always about a server. */
export const SIGNED_IN = "that of the last waybill login";

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
export function collect(value: string, previous: readonly string[] = []): readonly string[] {
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
