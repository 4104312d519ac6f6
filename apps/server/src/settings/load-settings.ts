import { WaybillError } from "@waybill/core";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseSettingsFile } from "./settings-file.ts";
import { readSettings, type Settings } from "./settings.ts";
import type { SettingName } from "./table.ts";

/** Where settings may be written. */
export interface SettingPlaces {
  readonly flags: Readonly<Partial<Record<SettingName, string>>>;
  /** A file of settings. */
  readonly config: string | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** @throws WaybillError `SERVER_SETTING_INVALID` */
export async function loadSettings({ flags, config, environment, cwd }: SettingPlaces): Promise<Settings> {
  const path = config ?? environment["WAYBILL_CONFIG"] ?? null;
  const file = path === null ? null : parseSettingsFile(await readSettingsFile(resolve(cwd, path)), path);
  return readSettings({ flags, environment, file, cwd });
}

async function readSettingsFile(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new WaybillError("SERVER_SETTING_INVALID", { setting: "config", source: path, problem }, { cause });
  }
}
