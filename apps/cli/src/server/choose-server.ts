import { WaybillError } from "@waybill/core";
import type { CommandContext } from "../context.ts";
import { ApiClient } from "./api-client.ts";
import { readKnownServers } from "./known-servers.ts";
import { checkedToken, tokenFromFile, tokenFromInput } from "./read-token.ts";
import { serverUrl } from "./server-url.ts";

/** `--server` and `--token-file` of a command. */
export interface ServerChoice {
  readonly server?: string;
  readonly tokenFile?: string;
}

/**
 * The server that a command goes to: the one that was named, else the one signed in at last. The token is that of
 * `--token-file`, else `WAYBILL_TOKEN`, else the one kept for exactly this server.
 *
 * @throws WaybillError `SERVER_NOT_CHOSEN`, `SERVER_ADDRESS_INVALID`, `TOKEN_UNREADABLE`
 */
export async function openClient(context: CommandContext, choice: ServerChoice): Promise<ApiClient> {
  const known = await readKnownServers(context);
  const named = choice.server ?? known.default;
  if (named === null) throw new WaybillError("SERVER_NOT_CHOSEN", {});
  const url = serverUrl(named);
  const kept = Object.hasOwn(known.servers, url) ? (known.servers[url]?.token ?? null) : null;
  return clientFor(context, url, (await givenToken(context, choice.tokenFile)) ?? kept);
}

/** The token that this call was given; null: none. */
export async function givenToken(context: CommandContext, file: string | undefined): Promise<string | null> {
  if (file === "-") return await tokenFromInput(context);
  if (file !== undefined) return tokenFromFile(context, file);
  const variable = context.env["WAYBILL_TOKEN"] ?? "";
  return variable === "" ? null : checkedToken(variable, "WAYBILL_TOKEN");
}

export function clientFor(context: CommandContext, url: string, token: string | null): ApiClient {
  if (token !== null) context.hidden.add([token]);
  return new ApiClient({ url, token, clock: context.clock });
}
