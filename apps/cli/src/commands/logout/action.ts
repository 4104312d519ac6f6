import { WaybillError } from "@waybill/core";
import { write, writeJson, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";
import { readKnownServers, writeKnownServers } from "../../server/known-servers.ts";
import { serverUrl } from "../../server/server-url.ts";

export interface LogoutOptions {
  readonly server?: string;
  readonly all?: boolean;
  readonly json?: boolean;
}

/** @throws WaybillError `SERVER_NOT_CHOSEN`, `SERVER_ADDRESS_INVALID`, `CLI_FILE_*` */
export async function logout(context: CommandContext, options: LogoutOptions): Promise<ExitCode> {
  const known = await readKnownServers(context);
  const named = options.server ?? known.default;
  if (named === null && options.all !== true) throw new WaybillError("SERVER_NOT_CHOSEN", {});
  const url = named === null || options.all === true ? null : serverUrl(named);
  const servers = Object.fromEntries(Object.entries(known.servers).filter(([each]) => url !== null && each !== url));
  const forgotten = Object.keys(known.servers).filter((each) => !Object.hasOwn(servers, each));
  const isDefaultKept = known.default !== null && Object.hasOwn(servers, known.default);
  await writeKnownServers(context, { default: isDefaultKept ? known.default : null, servers });
  if (options.json) await writeJson(context, { forgotten });
  else if (forgotten.length === 0) await write(context.stdout, "Nobody was signed in there.\n");
  else await write(context.stdout, `Forgotten: ${forgotten.join(", ")}\n`);
  return SUCCESS;
}
