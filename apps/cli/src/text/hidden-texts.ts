import { maskText, SecretPatterns } from "@waybill/core";

/** What a command was told and must not repeat, not even in an error of its own. */
export class HiddenTexts {
  readonly #values = new Set<string>();
  #patterns: SecretPatterns | null = null;

  /** @throws WaybillError `MASKING_SECRET_TOO_SHORT`, `MASKING_SECRETS_TOO_LARGE` */
  add(secrets: readonly string[]): void {
    for (const secret of secrets) if (secret !== "") this.#values.add(secret);
    if (this.#values.size > 0) this.#patterns = new SecretPatterns([...this.#values]);
  }

  mask(text: string): string {
    return this.#patterns === null ? text : maskText(text, this.#patterns);
  }
}
