/** A part of a line in one style. */
export interface Span {
  readonly text: string;
  readonly style: SpanStyle;
}

export interface SpanStyle {
  /** 0 to 7 of the theme's colours, or `#rrggbb`; undefined: the text's own. */
  readonly colour?: number | string;
  readonly isBold?: boolean;
  readonly isDim?: boolean;
  readonly isItalic?: boolean;
  readonly isUnderlined?: boolean;
}

const PLAIN: SpanStyle = {};
const ESC = "\u001B";
// eslint-disable-next-line no-control-regex -- escape sequences are made of them
const SEQUENCE = /\u001B(?:\[([0-9;:]*)([@-~])|\][^\u0007\u001B]*(?:\u0007|\u001B\\)?|[@-Z\\^_])/g;
// eslint-disable-next-line no-control-regex -- what has no picture
const CONTROL = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]/g;

/** What a terminal would show of a line: of a progress bar, its last state. */
export function shownPart(text: string): string {
  if (!text.includes("\r")) return text;
  return text.split("\r").findLast((part) => part.replaceAll(SEQUENCE, "").trim() !== "") ?? "";
}

/** Text without escape sequences and control characters. */
export function plainText(text: string): string {
  return shownPart(text).replaceAll(SEQUENCE, "").replaceAll(CONTROL, "");
}

/** A line with its colours. Sequences that are no colours are left out; each line begins plain. */
export function parseAnsi(line: string): readonly Span[] {
  const text = shownPart(line);
  if (!text.includes(ESC)) return [{ text: text.replaceAll(CONTROL, ""), style: PLAIN }];
  const spans: Span[] = [];
  let style = PLAIN;
  let from = 0;
  const push = (part: string): void => {
    const shown = part.replaceAll(CONTROL, "");
    if (shown !== "") spans.push({ text: shown, style });
  };
  for (const match of text.matchAll(SEQUENCE)) {
    push(text.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[2] === "m") style = styled(style, match[1] ?? "");
  }
  push(text.slice(from));
  return spans;
}

function styled(style: SpanStyle, parameters: string): SpanStyle {
  const codes = parameters.split(/[;:]/).map((code) => (code === "" ? 0 : Number(code)));
  let next = style;
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at] ?? 0;
    if (code === 0) next = PLAIN;
    else if (code === 1) next = { ...next, isBold: true };
    else if (code === 2) next = { ...next, isDim: true };
    else if (code === 3) next = { ...next, isItalic: true };
    else if (code === 4) next = { ...next, isUnderlined: true };
    else if (code === 22) next = { ...next, isBold: false, isDim: false };
    else if (code === 23) next = { ...next, isItalic: false };
    else if (code === 24) next = { ...next, isUnderlined: false };
    else if (code >= 30 && code <= 37) next = { ...next, colour: code - 30 };
    else if (code >= 90 && code <= 97) next = { ...next, colour: code - 90 };
    else if (code === 39) next = withoutColour(next);
    else if (code === 38 || code === 48) {
      const [colour, used] = extended(codes.slice(at + 1));
      at += used;
      if (code === 38 && colour !== null) next = { ...next, colour };
    }
  }
  return next;
}

function withoutColour(style: SpanStyle): SpanStyle {
  return Object.fromEntries(Object.entries(style).filter(([name]) => name !== "colour"));
}

/** A colour of 256, or red, green and blue. @returns it, and how many of the codes it took */
function extended(codes: readonly number[]): readonly [colour: number | string | null, used: number] {
  if (codes[0] === 2) return [hex([codes[1] ?? 0, codes[2] ?? 0, codes[3] ?? 0]), 4];
  if (codes[0] !== 5) return [null, codes.length];
  const index = codes[1] ?? 0;
  if (index < 16) return [index % 8, 2];
  if (index > 231) return [hex(Array.from({ length: 3 }, () => 8 + (index - 232) * 10)), 2];
  const cube = index - 16;
  const levels = [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6];
  return [hex(levels.map((level) => (level === 0 ? 0 : 55 + level * 40))), 2];
}

function hex(parts: readonly number[]): string {
  const bytes = parts.map((part) =>
    Math.max(0, Math.min(255, Math.round(part)))
      .toString(16)
      .padStart(2, "0"),
  );
  return `#${bytes.join("")}`;
}
