import type { JobExplanation, LogLine } from "@waybill/engine";
import { write, writeJson, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";
import type { ServerChoice } from "../../server/choose-server.ts";
import { styleFor } from "../../text/style.ts";
import { renderExplanation } from "./render.ts";

export interface WhyOptions extends ServerChoice {
  readonly json?: boolean;
}

/** Lines of output that are shown. */
export const LINES_SHOWN = 10;

/** @param output the last lines of the step that failed last, or of the job where none did */
export async function tellWhy(
  context: CommandContext,
  explanation: JobExplanation,
  output: readonly Pick<LogLine, "stream" | "text">[],
  options: WhyOptions,
): Promise<ExitCode> {
  if (options.json) {
    const lines = output.map(({ stream, text }) => ({ stream, line: text }));
    await writeJson(context, { ...explanation, output: lines });
  } else {
    await write(context.stdout, renderExplanation(explanation, output, styleFor(context.stdout, context.env)));
  }
  return SUCCESS;
}
