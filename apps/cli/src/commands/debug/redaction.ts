import { looksSecret, MASK, maskText, SecretPatterns } from "@waybill/core";
import { isDeferred, type Environment } from "@waybill/pipeline";

const MIN_SECRET_LENGTH = 4;

/** User and password in a URL. */
const URL_CREDENTIALS = /(?<=:\/\/)[^\s/@:]*:[^\s/@]+(?=@)/g;

/** Takes secrets out of what is shown: whole values, and their traces in other texts. */
export class Redaction {
  readonly #isSecret: (name: string) => boolean;
  readonly #patterns: SecretPatterns;
  readonly #names = new Set<string>();

  /**
   * @param texts - the environment as it is defined, before `secrets.*` became anything
   * @param values - the same, completed
   * @param others - secrets that may have got into values under names that tell nothing
   */
  constructor(texts: Environment, values: Readonly<Record<string, string>>, others: readonly string[]) {
    const secret = new Set(Object.keys(values).filter((name) => looksSecret(name) || usesSecret(texts[name])));
    this.#isSecret = (name) => secret.has(name);
    const own = [...secret].map((name) => values[name] ?? "").filter((value) => !value.includes(MASK));
    const known = [...own, ...others];
    this.#patterns = new SecretPatterns(known.filter((value) => [...value].length >= MIN_SECRET_LENGTH));
  }

  /** Names of variables whose values were not shown as they are. */
  get names(): readonly string[] {
    return [...this.#names];
  }

  value(name: string, value: string): string {
    const isHidden = this.#isSecret(name) && value !== "";
    const shown = isHidden ? MASK : this.text(value);
    // A reference to a secret and nothing else is the mask already.
    if (isHidden || shown !== value) this.#names.add(name);
    return shown;
  }

  text(text: string): string {
    return maskText(text, this.#patterns).replaceAll(URL_CREDENTIALS, MASK);
  }
}

function usesSecret(text: Environment[string] | undefined): boolean {
  return text !== undefined && isDeferred(text) && /\bsecrets\.[A-Za-z_]/.test(text.deferred);
}
