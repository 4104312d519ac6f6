import type { NewAuditEntry } from "@waybill/access";
import type { RouteRequest } from "../http/route.ts";
import type { Services } from "../services.ts";
import { principalOf } from "./guard.ts";

/**
 * Writes down what somebody has changed outside of the tables of access, before they are told that it is done.
 *
 * @throws WaybillError `STORE_*`
 */
export async function tellAudit(
  { access, clock }: Pick<Services, "access" | "clock">,
  request: Pick<RouteRequest<unknown, unknown, unknown>, "caller">,
  entry: Omit<NewAuditEntry, "time" | "actorId">,
): Promise<void> {
  const { actorId } = principalOf(request);
  await access.store.transaction((tx) => {
    tx.audit({ ...entry, time: clock.now(), actorId });
    return Promise.resolve();
  });
}
