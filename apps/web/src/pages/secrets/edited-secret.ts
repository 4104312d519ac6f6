import type { Secret } from "../../api/generated/operations.ts";
import { shellWord } from "../../components/shell-word.ts";

/** The secret whose value is being given, as the address has it; never the value. */
export interface EditedSecret {
  /** Its name; empty: a new one. */
  readonly edit: string;
  /** Its environment. */
  readonly of?: string;
  readonly branch?: string;
}

export function isSecretNamed(
  { name, environment, branch }: Secret,
  asked: { readonly edit?: string; readonly of?: string; readonly branch?: string },
): boolean {
  return name === asked.edit && environment === (asked.of ?? "") && branch === (asked.branch ?? "");
}

/** Of a scope, the options of `waybill secrets`. */
export function scopeOptions(environment: string, branch: string): string {
  return [
    ...(environment === "" ? [] : [` --environment ${shellWord(environment)}`]),
    ...(branch === "" ? [] : [` --branch ${shellWord(branch)}`]),
  ].join("");
}
