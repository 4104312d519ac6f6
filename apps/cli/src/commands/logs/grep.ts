import { WaybillError } from "@waybill/core";
import { RE2JS, RE2JSException } from "re2js";
import { safeLine } from "../../text/safe-line.ts";

/** A longer one can make its automaton large; nobody writes it by hand. */
const MAX_PATTERN_LENGTH = 1000;

/**
 * Whether a line has what was asked for. Takes time linear in the line whatever the pattern is: RE2's syntax, which
 * leaves out what cannot be searched so (back-references, looking around). Colours are not in the way of a match.
 *
 * @throws WaybillError `CLI_LOGS_PATTERN`
 */
export function lineMatcher(pattern: string): (text: string) => boolean {
  if (pattern.length > MAX_PATTERN_LENGTH) {
    throw new WaybillError("CLI_LOGS_PATTERN", { problem: `it has more than ${MAX_PATTERN_LENGTH} characters` });
  }
  const matcher = compile(pattern);
  return (text) => matcher.test(safeLine(text, false));
}

function compile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    const problem = error.message.replace(/^error parsing regexp: /, "");
    throw new WaybillError("CLI_LOGS_PATTERN", { problem }, { cause: error });
  }
}
