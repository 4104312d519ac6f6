import { formatBytes } from "@waybill/engine";
import { restore as restoreServer } from "@waybill/server";
import { write, writeJson, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";
import { plural } from "../../text/duration.ts";

export interface RestoreOptions {
  readonly data?: string;
  readonly database?: string;
  readonly artifacts?: string;
  readonly config?: string;
  readonly json?: boolean;
}

/** @throws WaybillError `BACKUP_*`, `SERVER_*`, `STORE_*` */
export async function restore(context: CommandContext, file: string, options: RestoreOptions): Promise<ExitCode> {
  const { json = false, config = null, ...flags } = options;
  const report = await restoreServer({ file, flags, config, environment: context.env, cwd: context.cwd });
  if (json) await writeJson(context, report);
  else {
    const size = `${plural(report.files, "file")}, ${formatBytes(report.bytes)}`;
    await write(context.stdout, `Restored the ${report.database} database and ${size}\n`);
  }
  return SUCCESS;
}
