import { WaybillError } from "@waybill/core";
import type { StepReference, StepSpec } from "@waybill/engine";
import { shellQuote } from "./shell-quote.ts";

/** Linux: one `NAME=value` string of an environment, with its NUL (MAX_ARG_STRLEN). */
const MAX_VARIABLE_BYTES = 131_072;
/**
 * Linux gives arguments and environment together a quarter of the stack limit, 2 MiB by default. The rest is left to
 * what the executor adds, what the script exports and the arguments of the commands it starts.
 */
const MAX_ENVIRONMENT_BYTES = 1_500_000;

/**
 * Whether a script opens its own output again by a path. That empties a file, so such a step needs pipes. What the
 * programs do that the script calls cannot be seen here; they are rarely so unkind.
 */
export function reopensOutput(script: readonly string[]): boolean {
  return script.some((entry) => /\/dev\/(?:stdout|stderr|fd\/)|\/proc\/[^/\s]+\/fd\//.test(entry));
}

/** The name of a step's files without their ending. */
export function stepKey(step: StepReference): string {
  return `${step.index}-${step.attempt}`;
}

/**
 * The script of a step, read by a shell that stands in the control directory.
 *
 * Entries are joined into one script, so that `cd` and variables of one entry hold in the next. `set -e` ends a block
 * of several lines at its first failing command. It does not see a failing `a` in `a && b`; the line behind every entry
 * does. That line is separate from the entry by an empty one, which takes the effect of a backslash at its end.
 *
 * @param workingDirectory absolute, as the step sees it
 * @throws WaybillError `EXECUTOR_INVALID_SCRIPT`
 */
export function renderScript(step: StepSpec, workingDirectory: string): string {
  const lines = ["trap 'exit 143' TERM", `CDPATH= cd -- ${shellQuote(workingDirectory)} || exit`, "shift", "set -e"];
  for (const entry of step.script) {
    if (entry.includes("\0")) {
      throw new WaybillError("EXECUTOR_INVALID_SCRIPT", { step: step.name, detail: "contains a NUL character" });
    }
    lines.push(entry, "", "case $? in 0) ;; *) exit ;; esac");
  }
  return `${lines.join("\n")}\n`;
}

/**
 * The environment of a step as commands of a shell.
 *
 * @param stepName for messages
 * @throws WaybillError `EXECUTOR_INVALID_VARIABLE`, `EXECUTOR_ENVIRONMENT_TOO_LARGE`
 */
export function renderEnvironment(stepName: string, variables: Readonly<Record<string, string>>): string {
  let text = "";
  let total = 0;
  for (const [name, value] of Object.entries(variables)) {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      const detail = "a name no shell can hold";
      throw new WaybillError("EXECUTOR_INVALID_VARIABLE", { step: stepName, name, detail });
    }
    if (value.includes("\0")) {
      const detail = "whose value contains a NUL character";
      throw new WaybillError("EXECUTOR_INVALID_VARIABLE", { step: stepName, name, detail });
    }
    const bytes = name.length + Buffer.byteLength(value) + 2;
    total += bytes;
    if (bytes > MAX_VARIABLE_BYTES) {
      const detail = `"${name}" has ${bytes} bytes, one variable may have ${MAX_VARIABLE_BYTES}.`;
      throw new WaybillError("EXECUTOR_ENVIRONMENT_TOO_LARGE", { step: stepName, detail });
    }
    text += `export ${name}=${shellQuote(value)}\n`;
  }
  if (total > MAX_ENVIRONMENT_BYTES) {
    const detail = `it has ${total} bytes, ${MAX_ENVIRONMENT_BYTES} are possible.`;
    throw new WaybillError("EXECUTOR_ENVIRONMENT_TOO_LARGE", { step: stepName, detail });
  }
  return text;
}
