import { systemClock } from "@waybill/core";
import { resolve } from "node:path";
import { readSettings } from "../settings/settings.ts";
import type { SettingName } from "../settings/table.ts";
import { createBackup, type BackupReport } from "./create-backup.ts";
import { restoreBackup } from "./restore-backup.ts";

export interface BackupCommand {
  readonly file: string;
  readonly flags: Readonly<Partial<Record<SettingName, string>>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** Of the server that has these settings, which may run. @throws WaybillError `BACKUP_*`, `SERVER_*`, `STORE_*` */
export async function backUp(command: BackupCommand, withKeys: boolean): Promise<BackupReport> {
  return await createBackup({ ...placesOf(command), withKeys, clock: systemClock });
}

/** For a server that is started with these settings. @throws WaybillError `BACKUP_*`, `SERVER_*`, `STORE_*` */
export async function restore(command: BackupCommand): Promise<BackupReport> {
  return await restoreBackup(placesOf(command));
}

function placesOf({ file, flags, environment, cwd }: BackupCommand): {
  readonly file: string;
  readonly data: string;
  readonly database: string;
  readonly artifacts: string;
} {
  const { data, database, artifacts } = readSettings({ flags, environment, file: null, cwd });
  return { file: resolve(cwd, file), data, database, artifacts };
}
