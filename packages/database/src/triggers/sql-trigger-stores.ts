import { systemIds, type Ids } from "@waybill/core";
import type { TriggerStores } from "@waybill/projects";
import type { RunDatabase } from "../runs/run-database.ts";
import { TriggerRowReader } from "./rows.ts";
import { TriggerSession } from "./session.ts";
import { SqlConcurrencyGroups } from "./sql-concurrency-groups.ts";
import { SqlScheduleTicks } from "./sql-schedule-ticks.ts";
import { SqlStatusOutbox } from "./sql-status-outbox.ts";
import { SqlWebhookDeliveries } from "./sql-webhook-deliveries.ts";
import { SqlWebhookSecrets } from "./sql-webhook-secrets.ts";

export function sqlTriggerStores(database: RunDatabase, ids: Ids = systemIds): TriggerStores {
  const session = new TriggerSession(database);
  const rows = new TriggerRowReader(database.path);
  return {
    deliveries: new SqlWebhookDeliveries(session, rows),
    webhookSecrets: new SqlWebhookSecrets(session, rows),
    ticks: new SqlScheduleTicks(session),
    groups: new SqlConcurrencyGroups(session, rows),
    statuses: new SqlStatusOutbox(session, rows, ids),
  };
}
