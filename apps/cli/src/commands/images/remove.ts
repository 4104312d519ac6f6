import { write, writeJson, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";
import { projectImages } from "./project-images.ts";

export interface RemoveOptions {
  readonly json?: boolean;
}

export async function remove(context: CommandContext, name: string, options: RemoveOptions): Promise<ExitCode> {
  await (await projectImages(context, "look")).remove(name);
  if (options.json) await writeJson(context, { removed: name });
  else await write(context.stdout, `Removed ${name}\n`);
  return SUCCESS;
}
