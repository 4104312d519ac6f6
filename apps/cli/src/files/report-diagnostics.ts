import { diagnosticToJson, renderDiagnostic, type Diagnostic } from "@waybill/pipeline";
import { write, writeJson, type CommandContext } from "../context.ts";
import { wantsColour } from "../text/style.ts";
import { plural } from "../text/duration.ts";

/** Problems of one or several pipeline files. */
export interface Problems {
  readonly errors: readonly Diagnostic[];
  readonly warnings: readonly Diagnostic[];
}

/** Shows problems to a person, on stderr: errors first, each with its place and what to do. */
export async function printProblems(context: CommandContext, { errors, warnings }: Problems): Promise<void> {
  const colour = wantsColour(context.stderr, context.env);
  for (const diagnostic of [...errors, ...warnings]) {
    await write(context.stderr, `${renderDiagnostic(diagnostic, { colour }).trimEnd()}\n\n`);
  }
}

/** The result of `lint --json`, and what other commands print under `--json` when the pipeline has errors. */
export async function printProblemsAsJson(context: CommandContext, { errors, warnings }: Problems): Promise<void> {
  await writeJson(context, {
    valid: errors.length === 0,
    errors: errors.map(diagnosticToJson),
    warnings: warnings.map(diagnosticToJson),
  });
}

/** `2 errors and 1 warning`, `no errors`. */
export function countProblems({ errors, warnings }: Problems): string {
  const found = errors.length === 0 ? "no errors" : plural(errors.length, "error");
  return warnings.length === 0 ? found : `${found} and ${plural(warnings.length, "warning")}`;
}
