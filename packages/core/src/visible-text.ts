const TAB_WIDTH = 4;

/** C0 and C1 controls, and the marks that reorder text: a text must not be able to steer the terminal it is shown on. */
const UNSAFE = /(?!\n)[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** Text that shows what it holds: tabs as spaces, control characters as `\x1b`, line breaks as they are. */
export function visible(text: string): string {
  return text.replaceAll("\t", " ".repeat(TAB_WIDTH)).replaceAll(UNSAFE, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

/** At most `length` UTF-16 code units of a text, and `…` where there was more. No character is cut in half. */
export function clip(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).replace(/\p{Surrogate}$/u, "")}…`;
}
