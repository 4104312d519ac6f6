import type { Caller } from "@waybill/access";
import { WaybillError, type Clock, type Timer } from "@waybill/core";
import type { CallOptions, RouteCall } from "./call-route.ts";
import { parseRequest } from "./parse-request.ts";
import { problemOf } from "./problem.ts";
import type { Route, RouteRequest } from "./route.ts";

/** How long somebody who may not any more goes on to be told at the longest, beside the time it takes to ask. */
const RECHECK_MS = 3_000;

/** Asks now and then whether whoever follows something still may. */
export interface AccessWatch extends Disposable {
  /** Aborted when they may not; its reason says why. */
  readonly lost: AbortSignal;
}

/** @param check - throws a WaybillError where they may not */
export function watchAccess(clock: Clock, check: () => Promise<void>): AccessWatch {
  const lost = new AbortController();
  let timer: Timer | null = null;
  let isOver = false;
  const look = async (): Promise<void> => {
    try {
      await check();
    } catch (error) {
      // A store that does not answer has not said no.
      if (problemOf(error, "").status < 500) return lost.abort(error);
    }
    schedule();
  };
  const schedule = (): void => {
    if (!isOver) timer = clock.setTimer(RECHECK_MS, () => void look());
  };
  schedule();
  return {
    lost: lost.signal,
    [Symbol.dispose]() {
      isOver = true;
      timer?.cancel();
    },
  };
}

/**
 * Whether who made a request would be let in with it now.
 *
 * @param before what they could see then: with other rights a list goes on as another one
 * @throws WaybillError `AUTH_REQUIRED`, `ACCESS_DENIED`, `API_NOT_FOUND`
 */
export async function checkAccess(
  { guard }: Pick<CallOptions, "guard">,
  route: Route,
  call: RouteCall,
  before: { readonly projects: Projects; readonly caller: Caller } | null = null,
): Promise<void> {
  const { headers, method, rawBody, address, requestId, signal } = call;
  const caller = await guard.identify(route, method, headers, false);
  const parsed = parseRequest(route, call);
  const now = await guard.authorise(route, { ...parsed, rawBody, headers, caller, address, requestId, signal });
  if (before !== null && !(isSame(before.projects, now) && hasSameRoles(before.caller, caller))) {
    throw new WaybillError("ACCESS_DENIED", { permission: route.access?.permission ?? "" });
  }
}

type Projects = RouteRequest<unknown, unknown, unknown>["projects"];

/** Some of what is in a list may need more than the list does. */
function hasSameRoles({ principal: before }: Caller, now: Caller | null): boolean {
  const roles = now?.principal.roles;
  return roles?.size === before.roles.size && [...before.roles].every(([id, role]) => roles.get(id) === role);
}

function isSame(one: Projects, other: Projects): boolean {
  if (one === "all" || other === "all") return one === other;
  return one.size === other.size && [...one].every((id) => other.has(id));
}
