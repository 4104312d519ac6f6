import { errorRegistry, visible, WaybillError } from "@waybill/core";
import type { Diagnostic } from "@waybill/pipeline";
import { write, type CommandContext } from "../../context.ts";
import { INVALID, SUCCESS, type ExitCode } from "../../exit-codes.ts";
import { parseFile } from "../../files/load-pipeline.ts";
import { readParameters } from "../../files/parameters.ts";
import { readPipelineFile } from "../../files/pipeline-file.ts";
import { countProblems, printProblems, printProblemsAsJson, type Problems } from "../../files/report-diagnostics.ts";
import type { ParameterOptions } from "../../options.ts";
import { styleFor } from "../../text/style.ts";

export interface LintOptions extends ParameterOptions {
  readonly json?: boolean;
}

/** Checks all files, also after one that cannot be read: every problem is found in one go. */
export async function lint(context: CommandContext, files: readonly string[], options: LintOptions): Promise<ExitCode> {
  const parameters = readParameters(context, options);
  const errors: Diagnostic[] = [];
  const warnings: Diagnostic[] = [];
  // The same file twice has the same problems; standard input can be read only once.
  for (const file of files.length === 0 ? [undefined] : new Set(files)) {
    const found = await lintFile(context, file, parameters);
    if (!options.json) {
      await printProblems(context, found.problems);
      await write(context.stdout, summaryOf(context, found));
    }
    errors.push(...found.problems.errors);
    warnings.push(...found.problems.warnings);
  }
  if (options.json) await printProblemsAsJson(context, { errors, warnings });
  return errors.length === 0 ? SUCCESS : INVALID;
}

interface LintedFile {
  readonly name: string;
  readonly problems: Problems;
}

async function lintFile(
  context: CommandContext,
  file: string | undefined,
  parameters: Readonly<Record<string, string>>,
): Promise<LintedFile> {
  try {
    const text = await readPipelineFile(context, file, "lint");
    return { name: text.name, problems: parseFile(context, text, parameters, "sampled") };
  } catch (error) {
    // Without a file to name there is nothing to list problems of.
    if (!(error instanceof WaybillError) || file === undefined) throw error;
    return { name: file, problems: { errors: [unreadable(error, file)], warnings: [] } };
  }
}

/** A file that cannot be read, as one more problem in the list. */
function unreadable(error: WaybillError, file: string): Diagnostic {
  return {
    code: error.code,
    parameters: {},
    severity: "error",
    message: error.message,
    file,
    line: 0,
    column: 0,
    length: 1,
    path: "",
    context: "",
    sourceLine: "",
    suggestion: error.remedy,
    help: errorRegistry[error.code].help,
  };
}

function summaryOf(context: CommandContext, { name, problems }: LintedFile): string {
  const style = styleFor(context.stdout, context.env);
  const valid = problems.errors.length === 0;
  const verdict = valid ? style.paint("green", "valid") : style.paint("red", "invalid");
  return `${visible(name)}: ${verdict}, ${countProblems(problems)}\n`;
}
