import { scanReference } from "../expressions/scan.ts";

/** A stretch of text. `source` is as it stands; `start` counts from the start of the text that was scanned. */
export type TextToken =
  | { readonly kind: "literal"; readonly text: string; readonly start: number; readonly source: string }
  | { readonly kind: "reference"; readonly start: number; readonly source: string }
  | { readonly kind: "expression"; readonly start: number; readonly source: string }
  | { readonly kind: "unterminated"; readonly start: number; readonly source: string };

/** What a backslash escapes: nothing at the top, braces and itself inside the braces of a default. */
export type EscapeRule = "none" | "braces";

/**
 * Splits text into literal stretches and whole references. Only the outermost references are found; what is inside
 * them is scanned again when they are parsed. The sources of all tokens put together are the text.
 *
 * `$${` is a literal `${`; any other `$` that no brace follows is literal too, so `$NAME` is left to the shell.
 * After a reference that never closes the rest is one token: looking for more in it would only guess.
 */
export function scanText(text: string, escapes: EscapeRule = "none"): TextToken[] {
  const tokens: TextToken[] = [];
  const special = escapes === "braces" ? /\$\$?\{|\\[{}\\]/g : /\$\$?\{/g;
  let literal = "";
  let literalStart = 0;
  let at = 0;

  function endLiteral(end: number): void {
    if (end > literalStart) {
      tokens.push({ kind: "literal", text: literal, start: literalStart, source: text.slice(literalStart, end) });
    }
    literal = "";
  }

  for (;;) {
    special.lastIndex = at;
    const match = special.exec(text);
    if (match === null) break;
    const found = match[0];
    literal += text.slice(at, match.index);
    at = match.index + found.length;
    if (found === "$${") {
      literal += "${";
      continue;
    }
    if (found !== "${") {
      literal += found.slice(1);
      continue;
    }
    endLiteral(match.index);
    const end = scanReference(text, match.index);
    if (end === -1) {
      tokens.push({ kind: "unterminated", start: match.index, source: text.slice(match.index) });
      return tokens;
    }
    const kind = text.startsWith("${{", match.index) ? "expression" : "reference";
    tokens.push({ kind, start: match.index, source: text.slice(match.index, end) });
    at = end;
    literalStart = end;
  }
  literal += text.slice(at);
  endLiteral(text.length);
  return tokens;
}
