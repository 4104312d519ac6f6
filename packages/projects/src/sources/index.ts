export { refEvent } from "./ref-event.ts";
export { webhookSource, webhookSources } from "./registry.ts";
export {
  MAX_WEBHOOK_BYTES,
  type ParsedWebhook,
  type WebhookRequest,
  type WebhookSecret,
  type WebhookSource,
} from "./source.ts";
