import { DiagnosticCollector } from "../diagnostics/diagnostic.ts";
import { SourceText } from "../diagnostics/source-text.ts";

/** Bytes (UTF-8) of the largest file that is read: some 100,000 jobs, and a parse that stays below a gigabyte. */
export const MAX_SOURCE_BYTES = 8 * 1024 * 1024;

/** Control characters reported one by one; a file with more is not text. */
const MAX_CONTROL_CHARACTERS = 20;

/** What YAML 1.2 section 5.1 calls not printable, and halves of surrogate pairs. The byte order mark is allowed. */
const FORBIDDEN = /(?![\t\n\r\u0085])[\p{Cc}\p{Surrogate}\ufffe\uffff]/gu;

export interface ReadSource {
  readonly source: SourceText;
  /** Holds what was wrong with the bytes; the later phases report into it too. */
  readonly collector: DiagnosticCollector;
}

/**
 * Turns what came from outside into text that the YAML phase can rely on: valid, printable, of bounded size, without
 * byte order mark, with every line ended by "\n" or "\r\n".
 *
 * A carriage return alone is a line break in YAML, but not for the editors and tools that count lines; it is replaced by
 * "\n", which is what YAML would read. Offsets stay the same.
 *
 * @param input - UTF-8 bytes, or text that somebody else has decoded
 * @param file - name for messages; null: none
 */
export function readSource(input: string | Uint8Array, file: string | null): ReadSource {
  const size = typeof input === "string" ? sizeOf(input) : input.byteLength;
  if (size > MAX_SOURCE_BYTES) {
    const collector = new DiagnosticCollector(new SourceText("", file));
    collector.report("YAML_TOO_LARGE", { size, limit: MAX_SOURCE_BYTES }, { span: null, path: "" });
    return { source: new SourceText("", file), collector };
  }
  const decoded = typeof input === "string" ? { text: input, damage: null } : decode(input);
  const text = decoded.text.replace(/^\ufeff/, "").replace(/\r(?!\n)/g, "\n");
  const source = new SourceText(text, file);
  const collector = new DiagnosticCollector(source);
  if (decoded.damage !== null) {
    const at = text.indexOf("\ufffd");
    const span = at === -1 ? null : { start: at, end: at + 1 };
    collector.report("YAML_NOT_UTF8", { detail: decoded.damage }, { span, path: "" });
  } else {
    reportControlCharacters(text, collector);
  }
  return { source, collector };
}

/** Enough to compare with the limit: exact where the text is short enough to pass, a lower bound where it is not. */
function sizeOf(text: string): number {
  return text.length > MAX_SOURCE_BYTES ? text.length : new TextEncoder().encode(text).byteLength;
}

function decode(bytes: Uint8Array): { readonly text: string; readonly damage: string | null } {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    return { text: "", damage: "it is UTF-16" };
  }
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes), damage: null };
  } catch {
    return { text: new TextDecoder("utf-8").decode(bytes), damage: "it holds bytes that are no character" };
  }
}

function reportControlCharacters(text: string, collector: DiagnosticCollector): void {
  let reported = 0;
  for (const match of text.matchAll(FORBIDDEN)) {
    if (++reported > MAX_CONTROL_CHARACTERS) return;
    const code = match[0].charCodeAt(0);
    const character = `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
    const span = { start: match.index, end: match.index + 1 };
    collector.report("YAML_CONTROL_CHARACTER", { character }, { span, path: "" });
  }
}
