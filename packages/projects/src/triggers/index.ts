export { derivedId } from "./derived-id.ts";
export { eventFromJson, eventToJson, type TriggerEventJson } from "./event-json.ts";
export { concurrencyOf, eventVariables, type ConcurrencyGroup } from "./event-variables.ts";
export {
  DEFAULT_FORK_POLICY,
  FORK_POLICIES,
  needsApproval,
  type ApprovalDecision,
  type ForkPolicy,
} from "./fork-policy.ts";
export { isNoCommit, isRefName, isSha, parseRef, type RefKind } from "./git-names.ts";
export { matches, needsChangedPaths, type Decision } from "./matches.ts";
export { repositoryKey } from "./repository-address.ts";
export {
  gitRefOf,
  type CronEvent,
  type DeletionEvent,
  type EventRepository,
  type ManualEvent,
  type PullRequestEvent,
  type PushEvent,
  type TagEvent,
  type TriggerEvent,
  type TriggerKind,
  type WebhookEvent,
} from "./trigger-event.ts";
export {
  DELIVERY_OUTCOMES,
  type DeliveryOutcome,
  type DeliveryQuery,
  type DeliveryRecord,
  type DeliverySettlement,
  type NewDelivery,
  type StoredDelivery,
  type TriggerDecision,
  type TriggerStores,
  type WebhookDeliveries,
  type WebhookSecretRecord,
  type WebhookSecretStore,
} from "./ports.ts";
