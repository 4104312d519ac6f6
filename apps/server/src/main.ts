import { systemPrincipal } from "@waybill/access";
import { systemClock } from "@waybill/core";
import { signInAddress } from "./access/sign-in-address.ts";
import { createServerLog } from "./server-log.ts";
import { loadSettings, type SettingPlaces } from "./settings/load-settings.ts";
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
  const log = createServerLog(systemClock, options.log);
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
