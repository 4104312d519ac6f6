export { systemClock, type Clock, type Timer } from "./clock.ts";
export { defineErrors, fillTemplate, type ErrorDefinition } from "./errors/definition.ts";
export { fileError, hasSystemCode } from "./errors/file-error.ts";
export { errorRegistry, isErrorCode, type ErrorCode, type ErrorParameters } from "./errors/registry.ts";
export { WaybillError } from "./errors/waybill-error.ts";
export { systemIds, type Ids } from "./ids.ts";
export { systemRandom, type Random } from "./random.ts";
export { suggestNames } from "./spelling.ts";
export { clip, visible } from "./visible-text.ts";
