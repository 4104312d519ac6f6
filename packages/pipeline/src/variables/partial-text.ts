import { escapeLiteral, quoteTemplate } from "./print.ts";

/**
 * Text of which a part is known only during the run: literal stretches and references that are left. Kept in pieces
 * rather than as template text, so that no two pieces can grow together into a reference nobody wrote.
 */
export interface PartialText {
  readonly chunks: readonly Chunk[];
  readonly length: number;
  /** References inside references, at its deepest. */
  readonly nesting: number;
  readonly usesSecret: boolean;
}

/** `reference` is one whole `${…}` or `${{ … }}`. Two literals never follow one another. */
export type Chunk = { readonly literal: string } | { readonly reference: string };

/** Known text, or text that is not known yet. */
export type Resolved = string | PartialText;

export function isPartial(text: Resolved): text is PartialText {
  return typeof text !== "string";
}

export function partialReference(reference: string, nesting = 1, usesSecret = false): PartialText {
  return { chunks: [{ reference }], length: reference.length, nesting, usesSecret };
}

/** False only where some of the text is literal for certain. */
export function mayBeEmpty(text: PartialText): boolean {
  return text.chunks.every((chunk) => "reference" in chunk);
}

/** The text as a template: parsed and resolved again once everything is known, it gives the final text. */
export function printPartial(text: PartialText): string {
  let template = "";
  for (const [index, chunk] of text.chunks.entries()) {
    if ("reference" in chunk) {
      template += chunk.reference;
    } else if (index === text.chunks.length - 1) {
      template += escapeLiteral(chunk.literal);
    } else {
      // Dollar signs right before a reference would be taken for a part of it.
      const end = withoutTrailingDollars(chunk.literal);
      template += escapeLiteral(chunk.literal.slice(0, end));
      if (end < chunk.literal.length) template += `\${{'${chunk.literal.slice(end)}'}}`;
    }
  }
  return template;
}

function withoutTrailingDollars(text: string): number {
  let end = text.length;
  while (text.charAt(end - 1) === "$") end -= 1;
  return end;
}

/** What stands after `${` to apply a form to this text: its name where it is a plain reference, else all of it. */
export function printSubject(text: PartialText): string {
  const only = text.chunks.length === 1 ? text.chunks[0] : undefined;
  const name = only !== undefined && "reference" in only ? PLAIN_REFERENCE.exec(only.reference)?.[1] : undefined;
  return name ?? quoteTemplate(printPartial(text));
}

const PLAIN_REFERENCE = /^\$\{([\w.-]+)\}$/;

/** Puts resolved pieces together. */
export class TextBuilder {
  readonly #chunks: Chunk[] = [];
  #literal = "";
  #length = 0;
  #nesting = 0;
  #usesSecret = false;

  get length(): number {
    return this.#length;
  }

  append(text: Resolved): void {
    if (!isPartial(text)) {
      this.#literal += text;
      this.#length += text.length;
      return;
    }
    for (const chunk of text.chunks) {
      if ("literal" in chunk) {
        this.#literal += chunk.literal;
      } else {
        this.#endLiteral();
        this.#chunks.push(chunk);
      }
    }
    this.#length += text.length;
    this.#nesting = Math.max(this.#nesting, text.nesting);
    this.#usesSecret ||= text.usesSecret;
  }

  finish(): Resolved {
    if (this.#chunks.length === 0) return this.#literal;
    this.#endLiteral();
    return { chunks: this.#chunks, length: this.#length, nesting: this.#nesting, usesSecret: this.#usesSecret };
  }

  #endLiteral(): void {
    if (this.#literal === "") return;
    this.#chunks.push({ literal: this.#literal });
    this.#literal = "";
  }
}
