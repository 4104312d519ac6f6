/** What stands open while a reference is scanned: a brace of any kind, or `${{`. */
type Open = "brace" | "expression";

/**
 * Finds where the reference that begins at `start` ends, without understanding it: braces inside are balanced, a
 * backslash takes the meaning from the brace or backslash after it, and `${{ … }}` may hold quoted braces.
 * Linear in the text and without recursion, whatever the nesting.
 *
 * @param text - any text
 * @param start - offset of the `$` of a `${`
 * @returns offset just behind the closing brace; -1 where the text ends before
 */
export function scanReference(text: string, start: number): number {
  const open: Open[] = [];
  let at = start;
  while (at < text.length) {
    const inside = open.at(-1);
    const character = text.charCodeAt(at);
    if (character === DOLLAR && text.charCodeAt(at + 1) === BRACE_OPEN) {
      const isExpression = text.charCodeAt(at + 2) === BRACE_OPEN;
      open.push(isExpression ? "expression" : "brace");
      at += isExpression ? 3 : 2;
      // A quoted template, see `quoteTemplate`: its braces are not balanced with ours.
      if (!isExpression && text.charCodeAt(at) === DOUBLE_QUOTE) at = scanQuoted(text, at);
      continue;
    }
    if (inside === "expression") {
      if (character === DOUBLE_QUOTE || character === SINGLE_QUOTE) {
        at = scanQuoted(text, at);
        continue;
      }
      if (character === BRACE_CLOSE && text.charCodeAt(at + 1) === BRACE_CLOSE) {
        open.pop();
        at += 2;
      } else {
        at += 1;
      }
    } else if (character === BACKSLASH && isBraceEscape(text.charCodeAt(at + 1))) {
      at += 2;
    } else {
      if (character === BRACE_OPEN) open.push("brace");
      else if (character === BRACE_CLOSE) open.pop();
      at += 1;
    }
    if (open.length === 0) return at;
  }
  return -1;
}

/** Offset just behind the quoted text at `start`, or the end of the text where the quote never closes. */
export function scanQuoted(text: string, start: number): number {
  const quote = text.charCodeAt(start);
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === BACKSLASH) at += 1;
    else if (character === quote) return at + 1;
  }
  return text.length;
}

function isBraceEscape(character: number): boolean {
  return character === BRACE_OPEN || character === BRACE_CLOSE || character === BACKSLASH;
}

const DOLLAR = 0x24;
const BRACE_OPEN = 0x7b;
const BRACE_CLOSE = 0x7d;
const BACKSLASH = 0x5c;
const SINGLE_QUOTE = 0x27;
const DOUBLE_QUOTE = 0x22;
