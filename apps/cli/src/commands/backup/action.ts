import { formatBytes } from "@waybill/engine";
import { backUp } from "@waybill/server";
import { write, writeJson, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";
import { plural } from "../../text/duration.ts";

export interface BackupOptions {
  readonly data?: string;
  readonly database?: string;
  readonly artifacts?: string;
  readonly withKeys?: boolean;
  readonly config?: string;
  readonly json?: boolean;
}

/** @throws WaybillError `BACKUP_*`, `SERVER_*`, `STORE_*` */
export async function backup(context: CommandContext, file: string, options: BackupOptions): Promise<ExitCode> {
  const { withKeys = false, json = false, config = null, ...flags } = options;
  const report = await backUp({ file, flags, config, environment: context.env, cwd: context.cwd }, withKeys);
  if (json) await writeJson(context, report);
  else {
    const size = `${plural(report.files, "file")}, ${formatBytes(report.bytes)}`;
    await write(context.stdout, `${report.file}: ${report.database} database and ${size}\n`);
  }
  return SUCCESS;
}
