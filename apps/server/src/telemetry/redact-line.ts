import { looksSecret, MASK, maskText, MIN_SECRET_LENGTH, SecretPatterns } from "@waybill/core";

/** Together they stay below what can be masked. */
const MAX_SECRETS = 30;
const MAX_LENGTH = 4096;

/** Secrets that this process knows of from the start. */
export type Redaction = SecretPatterns;

/**
 * The passwords in addresses of databases, and what variables hold whose names say so.
 * Texts too short to be told from others are not among them.
 */
export function knownSecrets(environment: Readonly<Record<string, string | undefined>>, database: string): Redaction {
  const named = Object.entries(environment).flatMap(([name, value]) => (looksSecret(name) ? [value ?? ""] : []));
  const password = passwordOf(database);
  const secrets = new Set([password, decoded(password), ...named]);
  const usable = [...secrets].filter(({ length }) => length >= MIN_SECRET_LENGTH && length <= MAX_LENGTH);
  return new SecretPatterns(usable.slice(0, MAX_SECRETS));
}

/**
 * What looks like a secret wherever it comes from: tokens of ours, credentials in headers and in addresses. All are
 * bounded by what a JSON text cannot have unescaped.
 */
const LOOKS: readonly (readonly [RegExp, string])[] = [
  [/\bwb[a-z]_[\w-]{8,}/g, MASK],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{4,}/gi, `$1 ${MASK}`],
  [/\b([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s"\\/@]+@/gi, `$1${MASK}@`],
  [/\b((?:[\w-]{0,40}(?:password|passwd|secret|token|api[_-]?key))=)[^\s"\\&;]+/gi, `$1${MASK}`],
];

/** @param line JSON, which it stays */
export function redactLine(line: string, redaction: Redaction | null): string {
  let text = redaction === null ? line : maskText(line, redaction);
  for (const [look, replacement] of LOOKS) text = text.replaceAll(look, replacement);
  return text;
}

function passwordOf(database: string): string {
  return /^[a-z]+:\/\/[^:@/]*:([^@/]*)@/i.exec(database)?.[1] ?? "";
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
