import { fillTemplate } from "./definition.ts";
import { errorRegistry, type ErrorCode, type ErrorParameters } from "./registry.ts";

/**
 * An error with a code of the registry. Domain code throws it; only the edges (the CLI's and the server's one
 * translating place each) turn it into an exit code or an HTTP status.
 */
export class WaybillError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly code: Code;
  readonly remedy: string;

  constructor(code: Code, parameters: ErrorParameters<Code>, options?: ErrorOptions) {
    super(fillTemplate(errorRegistry[code].message, parameters), options);
    this.name = "WaybillError";
    this.code = code;
    this.remedy = fillTemplate(errorRegistry[code].remedy, parameters);
  }
}
