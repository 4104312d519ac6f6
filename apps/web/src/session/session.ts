import type { QueryClient } from "@tanstack/react-query";
import { call, setCsrfToken } from "../api/client.ts";
import { ApiError } from "../api/api-error.ts";
import type { Me } from "../api/generated/operations.ts";
import { keys } from "../api/keys.ts";
import { meQuery } from "../api/queries/access.ts";
import type { Connection } from "../live/connection.ts";

/** Who is signed in; null: nobody. @throws ApiError where the server does not say */
export async function whoIsHere(client: QueryClient): Promise<Me | null> {
  try {
    const me = await client.ensureQueryData(meQuery());
    setCsrfToken(me.csrf_token);
    return me;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
}

/** Begins anew with what the person who signed in may see. */
export async function enter(client: QueryClient, connection: Connection, csrfToken: string): Promise<void> {
  setCsrfToken(csrfToken);
  client.clear();
  connection.retry();
  await whoIsHere(client);
}

/** Signs out; other tabs notice with their next request. */
export async function leave(client: QueryClient): Promise<void> {
  await call("signOut", {});
  setCsrfToken(null);
  client.removeQueries({ queryKey: keys.me });
}

/** An address of our own pages, or the first one: nobody is led elsewhere by a link to sign in. */
export function safeReturn(address: string | undefined): string {
  return address !== undefined && /^\/(?![/\\])/.test(address) && !address.startsWith("/sign-in") ? address : "/";
}
