export type { Alongside, StoreTransaction } from "./alongside.ts";
export * from "./circuit-breaker/circuit-breaker.ts";
export { CircuitBreakers } from "./circuit-breaker/circuit-breakers.ts";
export { systemClock, type Clock, type Timer } from "./clock.ts";
export { defineErrors, fillTemplate, type ErrorDefinition } from "./errors/definition.ts";
export { fileError, hasSystemCode } from "./errors/file-error.ts";
export { errorRegistry, isErrorCode, type ErrorCode, type ErrorParameters } from "./errors/registry.ts";
export { ReportedError } from "./errors/reported-error.ts";
export { WaybillError } from "./errors/waybill-error.ts";
export {
  advance,
  isMatch,
  literalTrack,
  MAX_ALTERNATIVES,
  parseGlob,
  start,
  type Positions,
  type Track,
} from "./glob/glob.ts";
export { systemIds, type Ids } from "./ids.ts";
export {
  createMasker,
  MASK,
  maskText,
  MAX_SECRETS_BYTES,
  SecretPatterns,
  type MaskedChunk,
  type MaskedSegment,
  type Masker,
} from "./masking/masker.ts";
export { MIN_SECRET_LENGTH } from "./masking/secret-forms.ts";
export { looksSecret } from "./masking/secret-names.ts";
export {
  ENVIRONMENT_NAME_PATTERN,
  environmentNameProblem,
  MAX_ENVIRONMENT_NAME_LENGTH,
} from "./names/environment-name.ts";
export { systemRandom, type Random } from "./random.ts";
export { SERVER_EVENT_KINDS, type ServerEventKind, type ServerEventKindDefinition } from "./server-events/kinds.ts";
export type {
  NewServerEvent,
  ServerEventPlace,
  ServerEventValue,
  StoredServerEvent,
} from "./server-events/server-event.ts";
export { suggestNames } from "./spelling.ts";
export { clip, visible } from "./visible-text.ts";
