import { WaybillError } from "@waybill/core";

/** Why something failed, as the message of a job: what is wrong, then what to do, each a sentence of its own. */
export function failureText(error: unknown): string {
  if (!(error instanceof WaybillError)) return error instanceof Error ? error.message : String(error);
  const { message, remedy } = error;
  if (remedy === "") return message;
  return `${/[.!?]$/.test(message) ? message : `${message}.`} ${remedy}`;
}
