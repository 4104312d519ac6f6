export {
  COMMIT_STATES,
  type CommitState,
  type OutboxEntry,
  type ReportVersion,
  type StatusOutbox,
  type StatusReport,
} from "./outbox.ts";
