import { systemPrincipal } from "@waybill/access";
import { systemClock } from "@waybill/core";
import { signInAddress } from "./access/sign-in-address.ts";
import { createServerLog, type ServerLog } from "./server-log.ts";
import { loadSettings, type SettingPlaces } from "./settings/load-settings.ts";
import { knownSecrets } from "./telemetry/redact-line.ts";
import { openServer } from "./wire.ts";

export interface ServeOptions extends SettingPlaces {
  /** Gets the lines that say where the server is and, at its first start, how to sign in. */
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
  const settings = await loadSettings(options);
  const log = createServerLog(systemClock, options.log, knownSecrets(options.environment, settings.database));
  const asked = askedToEnd();
  const server = await openServer(settings, options.environment, log);
  options.print(`Waybill serves at ${server.url}\n`);
  const link = await server.services.access.signIn.bootstrap(systemPrincipal("server"));
  if (link !== null) {
    const address = signInAddress(settings.publicUrl ?? server.url, link);
    options.print(`Sign in once, as the administrator "${link.userName}", within the hour: ${address}\n`);
  }
  log.info("serving", { url: server.url, data: settings.data });
  const signal = await asked;
  log.info("ending", { signal });
  leaveWithin(CLOSE_MS, log);
  await server.close();
  log.info("ended");
  leaveWithin(LEAVE_MS, log);
}

/** For requests that are under way, runs that are let go of, and the store. */
const CLOSE_MS = 50_000;
/** For what has been written to get where it goes. */
const LEAVE_MS = 500;

/**
 * Ends the process if anything still keeps it alive by then. Whatever is worth keeping is stored; by itself the timer
 * keeps nothing alive.
 */
function leaveWithin(milliseconds: number, log: ServerLog): void {
  const leave = (): void => {
    // Whoever looks for what keeps a process alive finds it here.
    log.warn("ended by force", { kept_alive_by: [...new Set(process.getActiveResourcesInfo())].join(", ") });
    process.exit(0);
  };
  setTimeout(leave, milliseconds).unref();
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
