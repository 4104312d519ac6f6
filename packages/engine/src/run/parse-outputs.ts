import { WaybillError } from "@waybill/core";
import type { Outputs } from "../machine/run-state.ts";

const MAX_NAMES = 256;
const MAX_NAME_LENGTH = 200;

/**
 * Names that would change how the programs of the jobs behind this one behave, rather than tell them something: a job
 * that builds somebody's pull request must not decide what `git` is in the job that deploys.
 */
const RESERVED = new RegExp(
  [
    "^(?:__|WAYBILL|LD_|DYLD_|SSH_|GIT_(?:SSH|EXEC|CONFIG|DIR|PROXY|EDITOR|PAGER|ASKPASS))",
    "^(?:BASH_ENV|NODE_OPTIONS|NODE_PATH|NODE_EXTRA_CA_CERTS|PYTHON(?:PATH|HOME|STARTUP)|PERL5(?:LIB|OPT))$",
    "^(?:RUBY(?:LIB|OPT)|JAVA_TOOL_OPTIONS|PATH|HOME|ENV|IFS|SHELL|SHELLOPTS|PS4|TMPDIR|CDPATH|GCONV_PATH)$",
    "^(?:USER|LOGNAME|WORKSPACE|CI)$",
  ].join("|"),
  "i",
);

/**
 * What a step wrote to its `WAYBILL_OUTPUT`: lines `NAME=value`, empty lines between them. Of two values of a name the
 * later one counts. A value goes to the end of its line and is taken to the letter.
 *
 * @param text null: it could not be read
 * @throws WaybillError `OUTPUT_UNREADABLE`, `OUTPUT_INVALID`
 */
export function parseOutputs(text: string | null): Outputs {
  if (text === null) throw new WaybillError("OUTPUT_UNREADABLE", {});
  const outputs: Record<string, string> = {};
  for (const [index, line] of text.split("\n").entries()) {
    const content = line.endsWith("\r") ? line.slice(0, -1) : line;
    if (content.trim() === "") continue;
    const at = content.indexOf("=");
    const name = at < 0 ? content : content.slice(0, at);
    const problem = at < 0 ? "it has no =" : problemOf(name, content);
    if (problem !== null) throw new WaybillError("OUTPUT_INVALID", { line: index + 1, problem });
    outputs[name] = content.slice(at + 1);
    if (Object.keys(outputs).length > MAX_NAMES) {
      throw new WaybillError("OUTPUT_INVALID", { line: index + 1, problem: `it is the ${MAX_NAMES + 1}th name` });
    }
  }
  return outputs;
}

/** Values may be secret, and names come from outside: neither is repeated. */
function problemOf(name: string, content: string): string | null {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return "its name is not made of letters, digits and _";
  if (name.length > MAX_NAME_LENGTH) return `its name is longer than ${MAX_NAME_LENGTH} characters`;
  if (RESERVED.test(name)) return `the name ${name} would change how the programs of other jobs behave`;
  if (content.includes("\0")) return "its value contains a NUL character";
  return null;
}
