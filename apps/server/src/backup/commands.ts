import { systemClock } from "@waybill/core";
import { resolve } from "node:path";
import { loadSettings, type SettingPlaces } from "../settings/load-settings.ts";
import { createBackup, type BackupReport } from "./create-backup.ts";
import { restoreBackup, type RestoreRequest } from "./restore-backup.ts";

export interface BackupCommand extends SettingPlaces {
  readonly file: string;
}

/** Of the server that has these settings, which may run. @throws WaybillError `BACKUP_*`, `SERVER_*`, `STORE_*` */
export async function backUp(command: BackupCommand, withKeys: boolean): Promise<BackupReport> {
  return await createBackup({ ...(await placesOf(command)), withKeys, clock: systemClock });
}

/** For a server that is started with these settings. @throws WaybillError `BACKUP_*`, `SERVER_*`, `STORE_*` */
export async function restore(command: BackupCommand): Promise<BackupReport> {
  return await restoreBackup(await placesOf(command));
}

async function placesOf({ file, ...places }: BackupCommand): Promise<RestoreRequest> {
  const { data, database, artifacts } = await loadSettings(places);
  return { file: resolve(places.cwd, file), data, database, artifacts };
}
