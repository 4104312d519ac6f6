import type { Command } from "commander";
import { complete as completeLine } from "../../completion/complete.ts";
import { projectValues } from "../../completion/values.ts";
import { write, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";
import { safeLine } from "../../text/safe-line.ts";

/** One candidate a line, `value<TAB>description`, and `:files` where file names fit: what the scripts read. */
export async function complete(context: CommandContext, program: Command, words: readonly string[]): Promise<ExitCode> {
  const { candidates, files } = await completeLine(program, words, projectValues(context));
  // What was found in files may hold anything, and a shell prints it.
  const lines = candidates.map(
    ({ value, description }) => `${safeLine(value, false)}\t${safeLine(description, false)}`,
  );
  await write(context.stdout, [...lines, ...(files ? [":files"] : [])].map((line) => `${line}\n`).join(""));
  return SUCCESS;
}
