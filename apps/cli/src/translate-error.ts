import { clip, errorRegistry, visible, WaybillError, type ErrorCode } from "@waybill/core";
import { inspect } from "node:util";
import type { CommandContext } from "./context.ts";
import type { ExitCode } from "./exit-codes.ts";
import { createStyle, wantsColour } from "./text/style.ts";

/** A message that repeats a long argument is cut here: no person reads on. */
const MAX_TEXT = 4000;

export interface TranslatedError {
  readonly code: ErrorCode;
  /** For stderr, ending with a line break. */
  readonly text: string;
  readonly exitCode: ExitCode;
}

/**
 * The one place where a thrown error becomes text and an exit code. Anything but a `WaybillError` is a defect of ours
 * and becomes `INTERNAL`.
 *
 * @param options.debug - adds the cause and the stack (`WAYBILL_DEBUG=1`)
 */
export function translateError(
  error: unknown,
  options: { readonly colour: boolean; readonly debug: boolean },
): TranslatedError {
  const style = createStyle(options.colour);
  const known: WaybillError =
    error instanceof WaybillError ? error : new WaybillError("INTERNAL", { detail: detailOf(error) }, { cause: error });
  const { exitCode, help } = errorRegistry[known.code];
  const lines = [
    `${style.paint(["red", "bold"], `error[${known.code}]`)}: ${shown(known.message)}`,
    ...indented(shown(known.remedy)),
    style.paint("dim", `  See docs/reference/${help}`),
  ];
  if (options.debug) lines.push("", inspect(known, { colors: options.colour, depth: 4 }));
  return { code: known.code, text: `${lines.join("\n")}\n`, exitCode };
}

/** Prints an error on stderr. Returns the exit code it asks for. */
export function reportError(error: unknown, context: CommandContext): ExitCode {
  const debug = context.env["WAYBILL_DEBUG"];
  const { text, exitCode } = translateError(error, {
    colour: wantsColour(context.stderr, context.env),
    debug: debug !== undefined && debug !== "" && debug !== "0",
  });
  context.stderr.write(context.hidden.mask(text));
  return exitCode;
}

function detailOf(error: unknown): string {
  if (error instanceof Error) return error.message === "" ? error.name : error.message;
  return typeof error === "string" ? error : inspect(error);
}

/** Messages repeat what they were given, an argument or a file name say: its control characters must do no harm. */
function shown(text: string): string {
  return visible(clip(text, MAX_TEXT));
}

function indented(text: string): string[] {
  return text === "" ? [] : text.split("\n").map((line) => `  ${line}`);
}
