import pipelineSchema from "../../../../../schema/waybill.schema.json" with { type: "json" };
import { write, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";

/** The import is a file of the repository, and part of the bundle once there is one. */
export async function schema(context: CommandContext): Promise<ExitCode> {
  await write(context.stdout, `${JSON.stringify(pipelineSchema, null, 2)}\n`);
  return SUCCESS;
}
