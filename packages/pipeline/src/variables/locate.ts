import type { SourceText } from "../diagnostics/source-text.ts";
import type { Span } from "../diagnostics/span.ts";
import type { Located } from "../model/template.ts";

/**
 * Where a part of a scalar stands in the source. The scalar's text and its source differ by quotes, indentation and
 * escapes, so the part is searched for: if it is the third such part of the text, it is the third of the source.
 *
 * @param part - offsets in `located.value`
 * @returns the whole scalar where the part is written differently in the source
 */
export function locatePart(source: SourceText, located: Located<unknown>, part: Span): Span {
  const { span, value } = located;
  if (typeof value !== "string" || part.end <= part.start || part.end > value.length) return span;
  const wanted = value.slice(part.start, part.end);
  if (wanted.includes("\n")) return span;
  let occurrence = 0;
  for (let at = value.indexOf(wanted); at !== -1 && at < part.start; at = value.indexOf(wanted, at + 1))
    occurrence += 1;
  const slice = source.text.slice(span.start, span.end);
  let at = slice.indexOf(wanted);
  for (; at !== -1 && occurrence > 0; occurrence -= 1) at = slice.indexOf(wanted, at + 1);
  return at === -1 ? span : { start: span.start + at, end: span.start + at + wanted.length };
}
