import type { Generated } from "kysely";

/** Tables of slips. Times are milliseconds since the epoch. */
export interface SlipTables {
  routing_slips: RoutingSlipsTable;
  routing_slip_events: RoutingSlipEventsTable;
}

interface RoutingSlipsTable {
  slip_id: string;
  correlation_id: string;
  /** As it was given; what it is compared by has no upper case. */
  repository: string;
  repository_key: string;
  /** The repository that was pushed to, a fork of the other one perhaps. */
  source_repository: string;
  source_key: string;
  branch: string;
  commit_sha: string;
  created_at: number;
  /** This and the next two follow from the events, and are here for lists. */
  updated_at: number;
  status: string;
  promoted_to: Generated<string>;
  /** JSON lists. */
  components: string;
  ancestry: string;
  /** How many events there are. */
  version: Generated<number>;
}

interface RoutingSlipEventsTable {
  slip_id: string;
  /** From 1 on, without a gap. */
  seq: number;
  event_id: string;
  kind: string;
  time: number;
  step: string;
  component: string;
  status: string;
  actor: string;
  message: string;
  promoted_to: string;
}
