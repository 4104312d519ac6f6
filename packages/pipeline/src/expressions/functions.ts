import type { Span } from "../diagnostics/span.ts";
import type { FunctionName, MethodName } from "./ast.ts";
import { EvaluationFailure, searchSteps, textSteps, type Budget } from "./budget.ts";
import { MAX_NEEDLE_LENGTH, MAX_VALUE_DEPTH } from "./limits.ts";
import { excerpt, problem } from "./problem.ts";
import { equals, valueToText, type Value, type ValueType } from "./values.ts";

/** One function, complete: what it takes, what it gives, what it does. */
export interface FunctionDefinition {
  /** As an example of a call, for messages. */
  readonly usage: string;
  /** Types of the arguments in order; for a method the first is the value before the dot. */
  readonly parameters: readonly (readonly ValueType[])[];
  /** Types of any number of further arguments; null: none. */
  readonly rest: readonly ValueType[] | null;
  /** Null: known only from the value. */
  readonly result: ValueType | null;
  /** Arguments have been checked against the types. */
  run(values: readonly Value[], budget: Budget, span: Span): Value;
}

const TEXT: readonly ValueType[] = ["string"];
const LIST: readonly ValueType[] = ["array"];
const SCALAR: readonly ValueType[] = ["string", "number", "boolean", "null"];

export const FUNCTIONS: Readonly<Record<FunctionName, FunctionDefinition>> = {
  contains: {
    usage: "contains(text, part) or contains(list, element)",
    parameters: [["string", "array"], SCALAR],
    rest: null,
    result: "boolean",
    run([haystack, needle], budget) {
      if (Array.isArray(haystack)) {
        budget.spend(haystack.length + textSteps(sizeOf(haystack as readonly Value[])));
        return haystack.some((element: Value) => equals(element, needle as Value));
      }
      const part = valueToText(needle as Value);
      spendSearch(haystack as string, part, budget);
      return (haystack as string).includes(part);
    },
  },
  startsWith: {
    usage: "startsWith(text, beginning)",
    parameters: [TEXT, TEXT],
    rest: null,
    result: "boolean",
    run([text, beginning], budget) {
      budget.spend(textSteps((beginning as string).length));
      return (text as string).startsWith(beginning as string);
    },
  },
  join: {
    usage: "join(list, separator)",
    parameters: [LIST, TEXT],
    rest: null,
    result: "string",
    run([list, separator], budget) {
      const elements = list as readonly Value[];
      budget.spend(elements.length);
      const texts = elements.map(valueToText);
      const length = totalLength(texts) + (separator as string).length * Math.max(0, texts.length - 1);
      budget.checkLength(length);
      budget.spend(textSteps(length));
      return texts.join(separator as string);
    },
  },
  format: {
    usage: "format('v{}.{}', major, minor)",
    parameters: [TEXT],
    rest: SCALAR,
    result: "string",
    run([template, ...values], budget, span) {
      spendSearch(template as string, "{}", budget);
      const parts = (template as string).split("{}");
      budget.spend(parts.length);
      if (parts.length - 1 !== values.length) {
        const counts = { placeholders: parts.length - 1, count: values.length };
        throw new EvaluationFailure(problem("EXPRESSION_FORMAT", counts, span));
      }
      const texts = values.map(valueToText);
      const length = totalLength(parts) + totalLength(texts);
      budget.checkLength(length);
      budget.spend(textSteps(length));
      return parts.map((part, index) => part + (texts[index] ?? "")).join("");
    },
  },
  fromJSON: {
    usage: "fromJSON(text)",
    parameters: [TEXT],
    rest: null,
    result: null,
    run([text], budget, span) {
      budget.checkLength((text as string).length);
      budget.spend((text as string).length >> 6);
      if (jsonDepth(text as string) > MAX_VALUE_DEPTH) budget.exceeded(`${MAX_VALUE_DEPTH} levels in JSON`);
      try {
        return JSON.parse(text as string) as Value;
      } catch {
        // The platform's message may quote the text, which may be a secret.
        const value = budget.redact ? "text" : `'${excerpt(text as string)}'`;
        throw new EvaluationFailure(problem("EXPRESSION_JSON", { value }, span));
      }
    },
  },
};

export const METHODS: Readonly<Record<MethodName, FunctionDefinition>> = {
  split: {
    usage: "text.split(separator)",
    parameters: [TEXT, TEXT],
    rest: null,
    result: "array",
    run([text, separator], budget) {
      spendSearch(text as string, separator as string, budget);
      // Between all characters there is a separator of length zero; one step each keeps the list bounded.
      if (separator === "") budget.spend((text as string).length);
      const parts = (text as string).split(separator as string);
      if (separator !== "") budget.spend(parts.length);
      return parts;
    },
  },
};

function spendSearch(text: string, needle: string, budget: Budget): void {
  if (needle.length > MAX_NEEDLE_LENGTH) budget.exceeded(`${MAX_NEEDLE_LENGTH} characters in a text to search for`);
  budget.spend(searchSteps(text, needle));
}

function sizeOf(values: readonly Value[]): number {
  return values.reduce<number>((sum, value) => sum + (typeof value === "string" ? value.length : 0), 0);
}

function totalLength(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + text.length, 0);
}

/** Deepest nesting of brackets outside of quotes, so that nothing that walks the value can overflow the stack. */
function jsonDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (quoted) {
      if (character === "\\") at += 1;
      else if (character === '"') quoted = false;
    } else if (character === '"') {
      quoted = true;
    } else if (character === "[" || character === "{") {
      depth += 1;
      deepest = Math.max(deepest, depth);
    } else if (character === "]" || character === "}") {
      depth -= 1;
    }
  }
  return deepest;
}
