import { WaybillError } from "@waybill/core";
import * as z from "zod/mini";
import { write, writeJson, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";
import { pageOf, projectAnswer } from "../../server/answers.ts";
import type { ApiClient } from "../../server/api-client.ts";
import { clientFor, givenToken, type ServerChoice } from "../../server/choose-server.ts";
import { knownServersFile, readKnownServers, writeKnownServers } from "../../server/known-servers.ts";
import { checkedToken } from "../../server/read-token.ts";
import { isReadableByOthers, serverUrl } from "../../server/server-url.ts";
import { askHidden } from "./ask-hidden.ts";

export interface LoginOptions extends ServerChoice {
  readonly json?: boolean;
}

const health = z.object({ status: z.string() });

/**
 * The token is tried before it is kept.
 *
 * @throws WaybillError `SERVER_*`, `TOKEN_UNREADABLE`, `AUTH_REQUIRED`
 */
export async function login(context: CommandContext, options: LoginOptions): Promise<ExitCode> {
  const known = await readKnownServers(context);
  const named = options.server ?? known.default;
  if (named === null) throw new WaybillError("SERVER_NOT_CHOSEN", {});
  const url = serverUrl(named);
  const open = clientFor(context, url, null);
  await open.get("/health", health);
  let token = await givenToken(context, options.tokenFile);
  if (token === null && !(await accepts(open))) {
    token = checkedToken(await askHidden(context, `Token for ${url}: `), "what was typed");
  }
  const client = clientFor(context, url, token);
  await client.get("/v1/projects", pageOf(projectAnswer), { limit: 1 });
  await writeKnownServers(context, { default: url, servers: { ...known.servers, [url]: { token } } });
  if (token !== null && isReadableByOthers(url)) {
    await write(context.stderr, `warning: what is sent to ${url} is not encrypted, the token neither\n`);
  }
  const file = knownServersFile(context);
  if (options.json) await writeJson(context, { server: url, token: token !== null, file });
  else if (token === null) await write(context.stdout, `${url} asks for no token; commands go there now.\n`);
  else await write(context.stdout, `Signed in at ${url}; the token is in ${file}.\n`);
  return SUCCESS;
}

/** Whether a server answers without a token. */
async function accepts(client: ApiClient): Promise<boolean> {
  try {
    await client.get("/v1/projects", pageOf(projectAnswer), { limit: 1 });
    return true;
  } catch (error) {
    if (error instanceof WaybillError && error.code === "AUTH_REQUIRED") return false;
    throw error;
  }
}
