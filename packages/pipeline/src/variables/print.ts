import { scanQuoted } from "../expressions/scan.ts";

/** The literal as template text that stands for it: the inverse of parsing at the top of a text. */
export function escapeLiteral(text: string): string {
  // By a function: in a replacement text two dollar signs would mean one.
  return text.replaceAll("${", () => "$${");
}

/** The literal as it is written inside the braces of `:-` and `:+`. */
export function escapeNested(text: string): string {
  return text.replaceAll(/[{}\\]/g, "\\$&");
}

/** Pattern or replacement as it is written between slashes. */
export function escapeReplacement(text: string): string {
  return text.replaceAll(/[/{}\\]/g, "\\$&");
}

/**
 * A whole template as the subject of a form: `${"a${WORKSPACE}b"/x/y}`. Needed where a form is applied to a variable
 * whose value is itself known only during the run. Only deferred text holds it; nobody writes it.
 */
export function quoteTemplate(template: string): string {
  return `"${template.replaceAll(/["\\]/g, "\\$&")}"`;
}

/** The template quoted at the start of `content` and how much of `content` it takes; null where there is none. */
export function unquoteTemplate(content: string): { readonly template: string; readonly length: number } | null {
  if (!content.startsWith('"')) return null;
  const length = scanQuoted(content, 0);
  const inner = content.slice(1, length - 1);
  return { template: inner.replaceAll(/\\(["\\])/g, "$1"), length };
}
