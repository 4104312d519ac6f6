/** Characters. Shorter ones would be found everywhere, and masking them would tell more than it hides. */
export const MIN_SECRET_LENGTH = 4;

/** A line of a multi-line secret is a secret of its own from this length on: shorter ones (`}`, `---`) are everyone's. */
const MIN_LINE_LENGTH = 8;

/** Columns after which `base64` and `openssl base64` break their lines. */
const BASE64_WIDTHS = [76, 64] as const;

/**
 * All the ways a secret is likely to be printed: as it is, each longer line of it, in base64, and escaped for URLs,
 * JSON and shells.
 *
 * @returns byte strings without duplicates
 */
export function secretForms(secret: string): readonly Uint8Array[] {
  // A secret read from a file often ends with a line break, which `$(…)` and most programs take off. Where it is
  // printed as it is, that line break is nobody's secret: without it the next line would be drawn to this one.
  const trimmed = secret.replace(/[\r\n]+$/, "");
  const shown = trimmed.length >= MIN_SECRET_LENGTH ? trimmed : secret;
  const forms = new Set([...plainForms(shown), ...encodedForms(secret), ...encodedForms(shown)]);
  return [...forms].filter((form) => form.length > 0).map((form) => Buffer.from(form, "latin1"));
}

/** Everything here is a byte string: a string whose characters are bytes. */
function* plainForms(secret: string): Iterable<string> {
  const plain = byteString(secret);
  yield* spellings(plain);
  const lines = plain.split(/\r?\n/).map((line) => line.trim());
  if (lines.length > 1) yield* lines.filter((line) => line.length >= MIN_LINE_LENGTH).flatMap(spellings);
}

/** Forms in which a line break is escaped: it looks like a part of the secret, and is masked with it. */
function* encodedForms(secret: string): Iterable<string> {
  const plain = byteString(secret);
  yield* base64Forms(plain);
  yield* jsonForms(secret);
  yield* urlForms(plain);
  yield ansiQuoted(plain);
}

function spellings(plain: string): string[] {
  return [plain, withCarriageReturns(plain), ...urlForms(plain), ...shellForms(plain)];
}

/** As a terminal, and what comes through one, ends lines. */
function withCarriageReturns(plain: string): string {
  return plain.replaceAll(/\r?\n/g, "\r\n");
}

/**
 * Base64 turns three bytes into four characters, so what a secret becomes depends on its offset modulo three in what
 * was encoded. For each offset: the characters that no neighbour has a part in. At most six bits of the secret at
 * either end share a character with a neighbour and stay.
 */
function* base64Forms(plain: string): Iterable<string> {
  for (const offset of [0, 1, 2]) {
    const encoded = Buffer.from("\0".repeat(offset) + plain, "latin1").toString("base64");
    const own = encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + plain.length) * 8) / 6));
    // By itself, its last character and the padding are its own as well.
    for (const form of offset === 0 ? [own, encoded, encoded.replace(/=+$/, "")] : [own]) {
      yield form;
      yield urlSafe(form);
      if (offset === 0) yield* BASE64_WIDTHS.map((width) => wrapped(form, width));
    }
  }
}

function urlSafe(base64: string): string {
  return base64.replaceAll("+", "-").replaceAll("/", "_");
}

function wrapped(text: string, width: number): string {
  return text.replaceAll(new RegExp(`.{${width}}(?=.)`, "g"), "$&\n");
}

/** What various programs leave as it is when they write a URL; RFC 3986, and wider readings of it. */
const URL_SAFE = [/[\w.~-]/, /[\w.~!'()*-]/, /[\w.~/-]/, /[\w.~!'()*;/?:@&=+$,#-]/, /[\w.*-]/] as const;

function urlForms(plain: string): string[] {
  return URL_SAFE.flatMap((safe) => {
    const upper = plain.replaceAll(/[^]/g, (byte) => (safe.test(byte) ? byte : `%${hex(byte, 2).toUpperCase()}`));
    const lower = plain.replaceAll(/[^]/g, (byte) => (safe.test(byte) ? byte : `%${hex(byte, 2)}`));
    return [upper, lower, upper.replaceAll("%20", "+"), lower.replaceAll("%20", "+")];
  });
}

/** Inside the quotes of a JSON text: as JavaScript writes it, with `/` escaped, safe for HTML, and in pure ASCII. */
function jsonForms(secret: string): string[] {
  const plain = JSON.stringify(secret).slice(1, -1);
  const forHtml = plain.replaceAll(/[<>&]/g, unicodeEscape);
  return [plain, forHtml]
    .flatMap((form) => [form, form.replaceAll("/", "\\/")])
    .flatMap((form) => {
      const ascii = form.replaceAll(/[^ -~]/g, unicodeEscape);
      const upper = ascii.replaceAll(/\\u[0-9a-f]{4}/g, (escape) => `\\u${escape.slice(2).toUpperCase()}`);
      return [form, ascii, upper];
    })
    .map(byteString);
}

/** As shells print a word when they trace or quote it, without the quotes around it. */
function shellForms(plain: string): string[] {
  return [
    plain.replaceAll("'", "'\\''"),
    plain.replaceAll("'", `'"'"'`),
    plain.replaceAll(/["\\$`]/g, "\\$&"),
    plain.replaceAll(/["\\$`!]/g, "\\$&"),
    plain.replaceAll(/[^\w\x80-\xff@%+=:,./-]/g, "\\$&"),
    ansiQuoted(plain),
  ];
}

const ANSI_ESCAPES: Readonly<Record<string, string>> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
  "\x1b": "\\E",
};

/** Inside `$'…'`, which bash uses for words with control characters. */
function ansiQuoted(plain: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what this is about
  return plain.replaceAll(/['\\]/g, "\\$&").replaceAll(/[\0-\x1f\x7f]/g, (byte) => {
    return ANSI_ESCAPES[byte] ?? `\\${byte.charCodeAt(0).toString(8).padStart(3, "0")}`;
  });
}

function unicodeEscape(character: string): string {
  return `\\u${hex(character, 4)}`;
}

function hex(character: string, digits: number): string {
  return character.charCodeAt(0).toString(16).padStart(digits, "0");
}

/** UTF-8; what is no character of it becomes a replacement character, as wherever else text is printed. */
function byteString(text: string): string {
  return Buffer.from(text).toString("latin1");
}
