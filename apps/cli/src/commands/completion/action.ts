import { completionScript, type Shell } from "../../completion/scripts.ts";
import { write, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";

export async function completion(context: CommandContext, shell: Shell): Promise<ExitCode> {
  await write(context.stdout, completionScript(shell));
  return SUCCESS;
}
