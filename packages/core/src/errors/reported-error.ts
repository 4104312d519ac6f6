import type { ErrorCode } from "./registry.ts";
import { WaybillError } from "./waybill-error.ts";

/** An error of another process, a server say, told in that process's words: it alone knows the parameters. */
export class ReportedError extends WaybillError {
  override readonly remedy: string;

  constructor(code: ErrorCode, told: { readonly message: string; readonly remedy: string }, options?: ErrorOptions) {
    super(code, {} as never, options);
    this.message = told.message;
    this.remedy = told.remedy;
  }
}
