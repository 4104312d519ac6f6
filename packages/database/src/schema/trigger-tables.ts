import type { Generated } from "kysely";

/** Tables of what starts runs. Times are milliseconds since the epoch; truth values are 0 and 1. */
export interface TriggerTables {
  webhook_deliveries: WebhookDeliveriesTable;
  webhook_secrets: WebhookSecretsTable;
  schedule_ticks: ScheduleTicksTable;
  concurrency_entries: ConcurrencyEntriesTable;
  status_reports: StatusReportsTable;
}

interface WebhookDeliveriesTable {
  id: string;
  source: string;
  delivery_id: string;
  secret_id: string;
  received_at: number;
  outcome: Generated<string>;
  detail: Generated<string>;
  settled_at: number | null;
  attempts: Generated<number>;
  /** 0: nobody is at it. */
  claimed_until: Generated<number>;
  /** A JSON object of texts: those that say what the webhook is, never those that prove it. */
  headers: string;
  body: string;
  /** Of the secret it was signed with; null: of an earlier version. */
  repository_id: string | null;
  /** JSON text; null: nobody has decided yet. */
  decisions: string | null;
}

interface WebhookSecretsTable {
  id: string;
  repository_id: string;
  source: string;
  /** Of the repository as its forge names it; null: the one it is fetched from. */
  address: string | null;
  ciphertext: string;
  key_id: string;
  created_at: number;
  expires_at: number | null;
}

interface ScheduleTicksTable {
  schedule_id: string;
  due_at: number;
  outcome: string;
  run_id: string | null;
  claimed_until: Generated<number>;
}

interface ConcurrencyEntriesTable {
  run_id: string;
  group_name: string;
  /** Order in the group. */
  position: number;
  is_admitted: Generated<number>;
  is_superseded: Generated<number>;
  entered_at: number;
}

interface StatusReportsTable {
  id: string;
  forge: string;
  repository: string;
  sha: string;
  context: string;
  /** Of the run, and of the event in it: later reports have higher ones. */
  run_number: number;
  run_seq: number;
  /** JSON text. */
  report: string;
  is_pending: number;
  attempts: Generated<number>;
  next_attempt_at: number;
  claimed_until: Generated<number>;
  /** What the forge calls it. */
  remote_id: string | null;
  problem: string | null;
  updated_at: number;
}
