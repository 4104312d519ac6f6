import { WaybillError } from "@waybill/core";
import { excerpt } from "../expressions/problem.ts";
import { parseBoolean, parseNumber } from "../expressions/values.ts";
import { didYouMean, listNames } from "../graph/wording.ts";
import { MAX_INPUT_LENGTH, type InputValue, type PipelineInput, type PipelineInputs } from "../model/input.ts";

export type ReadInput =
  | { readonly value: InputValue; readonly problem: null }
  /** To follow "the value" in a sentence. It never repeats the value: people paste tokens into the wrong field. */
  | { readonly value: null; readonly problem: string };

/** A value as JSON or a command line gives it, in the input's type. */
export function readInputValue(input: PipelineInput, given: unknown): ReadInput {
  if (typeof given === "string" && given.length > MAX_INPUT_LENGTH) {
    return { value: null, problem: `is longer than ${MAX_INPUT_LENGTH} characters` };
  }
  const value = valueOf(input, given);
  return value === null ? { value, problem: `is not ${expectedOf(input)}` } : { value, problem: null };
}

function valueOf(input: PipelineInput, given: unknown): InputValue | null {
  const text = typeof given === "number" || typeof given === "boolean" ? String(given) : given;
  if (typeof text !== "string") return null;
  switch (input.type) {
    case "string":
      return hasControlCharacters(text) ? null : text;
    case "boolean":
      return parseBoolean(text);
    case "number":
      return parseNumber(text);
    case "choice":
      return input.options.includes(text) ? text : null;
  }
}

/** Line ends and tabs are text; a NUL can be in no environment. */
function hasControlCharacters(text: string): boolean {
  return /[^\P{Cc}\t\n\r]/u.test(text);
}

function expectedOf({ type, options }: PipelineInput): string {
  if (type === "string") return "text without control characters";
  if (type === "boolean") return "true or false";
  return type === "number" ? "a number" : `one of ${listNames(options.map(excerpt))}`;
}

/** The value where none is given and none is needed. */
export function absentValue(input: PipelineInput): InputValue {
  if (input.default !== null) return input.default;
  switch (input.type) {
    case "string":
      return "";
    case "boolean":
      return false;
    case "number":
      return 0;
    case "choice":
      return input.options[0] ?? "";
  }
}

/**
 * The values of a run: those that are given, checked, and for the others what holds in their place.
 *
 * @param given - by name, as JSON or a command line has it
 * @throws WaybillError `INPUT_UNKNOWN`, `INPUT_INVALID`, `INPUT_MISSING`
 */
export function inputValues(
  inputs: PipelineInputs,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, InputValue>> {
  for (const name of Object.keys(given)) {
    if (!inputs.has(name)) throw new WaybillError("INPUT_UNKNOWN", unknownInput(name, inputs));
  }
  const values: [string, InputValue][] = [];
  for (const [name, input] of inputs) {
    if (!Object.hasOwn(given, name)) {
      if (input.required) throw new WaybillError("INPUT_MISSING", { name });
      values.push([name, absentValue(input)]);
      continue;
    }
    const read = readInputValue(input, given[name]);
    if (read.problem !== null) throw new WaybillError("INPUT_INVALID", { name, problem: read.problem });
    values.push([name, read.value]);
  }
  return Object.fromEntries(values);
}

export function unknownInput(
  name: string,
  inputs: PipelineInputs,
): { readonly name: string; readonly hint: string; readonly known: string } {
  const names = [...inputs.keys()];
  return { name: excerpt(name), hint: didYouMean(name, names), known: listNames(names) };
}
