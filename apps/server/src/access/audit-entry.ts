import type { NewAuditEntry } from "@waybill/access";
import type { Alongside } from "@waybill/core";
import type { RouteRequest } from "../http/route.ts";
import type { Services } from "../services.ts";
import { principalOf } from "./guard.ts";

/** Tells of what whoever makes a request changes outside of the tables of access, in the transaction that changes it. */
export function auditEntry(
  { access, clock }: Pick<Services, "access" | "clock">,
  request: Pick<RouteRequest<unknown, unknown, unknown>, "caller">,
  entry: Omit<NewAuditEntry, "time" | "actorId">,
): Alongside {
  const { actorId } = principalOf(request);
  return access.store.auditAlongside({ ...entry, time: clock.now(), actorId });
}
