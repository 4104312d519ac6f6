import { errorRegistry, isErrorCode, suggestNames, WaybillError, type ErrorDefinition } from "@waybill/core";
import { writeJson, write, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";
import { styleFor, type Style } from "../../text/style.ts";

export interface ExplainOptions {
  readonly json?: boolean;
}

export async function explain(
  context: CommandContext,
  code: string | undefined,
  options: ExplainOptions,
): Promise<ExitCode> {
  const style = styleFor(context.stdout, context.env);
  if (code === undefined) {
    if (options.json) {
      await writeJson(context, { errors: Object.entries(errorRegistry).map(([name, entry]) => toJson(name, entry)) });
    } else await write(context.stdout, renderList(style));
    return SUCCESS;
  }
  // A dash for an underscore is an easy slip, and no two codes differ in it.
  const wanted = code.toUpperCase().replaceAll("-", "_");
  if (!isErrorCode(wanted)) throw unknownCode(code, wanted);
  const entry: ErrorDefinition = errorRegistry[wanted];
  if (options.json) await writeJson(context, toJson(wanted, entry));
  else await write(context.stdout, renderEntry(wanted, entry, style));
  return SUCCESS;
}

/** Codes by the part before their first underscore, in the order of the registry. */
export function codesByArea(): ReadonlyMap<string, readonly (readonly [string, ErrorDefinition])[]> {
  return Map.groupBy<string, [string, ErrorDefinition]>(
    Object.entries(errorRegistry),
    ([code]) => code.split("_", 1)[0] ?? code,
  );
}

function renderList(style: Style): string {
  const width = Math.max(...Object.keys(errorRegistry).map((code) => code.length));
  const sections = [...codesByArea()].map(([area, entries]) => {
    const lines = entries.map(([code, { title }]) => `  ${code.padEnd(width)}  ${title}`);
    return [style.paint("bold", area), ...lines, ""].join("\n");
  });
  return `${sections.join("\n")}\n\`waybill explain CODE\` tells more about one of them.\n`;
}

function renderEntry(code: string, entry: ErrorDefinition, style: Style): string {
  const paragraph = (heading: string, text: string): string[] =>
    text === "" ? [] : [style.paint("bold", heading), ...text.split("\n").map((line) => `  ${line}`), ""];
  return [
    `${style.paint(entry.severity === "error" ? ["red", "bold"] : ["yellow", "bold"], code)}: ${entry.title}`,
    "",
    ...paragraph("Message", entry.message),
    ...paragraph("What to do", entry.remedy),
    ...paragraph("Example", entry.example),
    style.paint("dim", `See docs/reference/${entry.help}`),
    "",
  ].join("\n");
}

function toJson(code: string, entry: ErrorDefinition): Readonly<Record<string, unknown>> {
  return {
    code,
    title: entry.title,
    severity: entry.severity,
    message: entry.message,
    remedy: entry.remedy,
    example: entry.example,
    help: entry.help,
    exit_code: entry.exitCode,
    http_status: entry.httpStatus,
  };
}

function unknownCode(asked: string, wanted: string): WaybillError {
  const close = suggestNames(wanted, Object.keys(errorRegistry));
  const hint = close.length === 0 ? "`waybill explain` lists all codes." : `Did you mean ${close.join(" or ")}?`;
  return new WaybillError("CLI_UNKNOWN_ERROR_CODE", { code: asked, hint });
}
