/**
 * Control characters, line and paragraph separators, and the marks that reverse the direction of text: in a file from
 * a stranger they could move the cursor or make a line read as something else.
 */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** Text that stays on its line: line breaks become spaces, other unprintable characters their code, as in `\u{1b}`. */
export function printable(text: string): string {
  return text
    .replaceAll(/\s*[\r\n]+\s*/g, " ")
    .replaceAll(UNPRINTABLE, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}
