import { systemClock, WaybillError } from "@waybill/core";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { createServerLog } from "./server-log.ts";
import { readSettings } from "./settings/settings.ts";
import { parseSettingsFile } from "./settings/settings-file.ts";
import type { SettingName } from "./settings/table.ts";
import { knownSecrets } from "./telemetry/redact-line.ts";
import { openServer } from "./wire.ts";

export interface ServeOptions {
  readonly flags: Readonly<Partial<Record<SettingName, string>>>;
  /** A file of settings. */
  readonly config: string | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Gets the line that says where the server is. */
  readonly print: (text: string) => void;
  /** Gets lines of JSON. */
  readonly log: (line: string) => void;
}

/**
 * Serves until SIGTERM or SIGINT. A second signal ends the process at once, as a kill would: nothing is lost by it.
 *
 * @throws WaybillError `SERVER_*`, `STORE_*`
 */
export async function serve(options: ServeOptions): Promise<void> {
  const { flags, config, environment, cwd } = options;
  const path = config ?? environment["WAYBILL_CONFIG"] ?? null;
  const file = path === null ? null : parseSettingsFile(await readSettingsFile(resolve(cwd, path)), path);
  const settings = readSettings({ flags, environment, file, cwd });
  const log = createServerLog(systemClock, options.log, knownSecrets(environment, settings.database));
  const asked = askedToEnd();
  const server = await openServer(settings, environment, log);
  options.print(`Waybill serves at ${server.url}\n`);
  log.info("serving", { url: server.url, data: settings.data });
  const signal = await asked;
  log.info("ending", { signal });
  await server.close();
  log.info("ended");
}

function askedToEnd(): Promise<string> {
  return new Promise((done) => {
    let count = 0;
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.on(signal, () => {
        count += 1;
        if (count > 1) process.exit(130);
        done(signal);
      });
    }
  });
}

async function readSettingsFile(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new WaybillError("SERVER_SETTING_INVALID", { setting: "config", source: path, problem }, { cause });
  }
}
