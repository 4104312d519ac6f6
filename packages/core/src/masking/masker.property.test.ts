import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMasker, maskText, SecretPatterns } from "./masker.ts";
import { secretForms } from "./secret-forms.ts";

/** Few characters, so that secrets overlap each other and themselves; all that some form escapes; none of the mask. */
const secretText = fc.string({
  unit: fc.constantFrom("a", "b", "a", "b", "A", "é", "/", "'", '"', "\\", "\n", " ", "+", "<", "🔑"),
  minLength: 4,
  maxLength: 12,
});

/** Secrets and a text of their forms, beginnings of their forms, and anything. */
const masking = fc.array(secretText, { minLength: 1, maxLength: 4 }).chain((secrets) => {
  const forms = secrets.flatMap((secret) => secretForms(secret));
  const form = fc.constantFrom(...forms);
  const piece = fc.oneof(
    form,
    fc.tuple(form, fc.nat(20)).map(([bytes, length]) => bytes.subarray(0, length)),
    fc
      .string({ unit: fc.constantFrom("a", "b", "%", "\\", "A", "=", "x"), maxLength: 3 })
      .map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 3 }).map((bytes) => bytes.map((byte) => (byte === 0x2a ? 0 : byte))),
  );
  const text = fc.array(piece, { maxLength: 12 }).map((pieces) => Buffer.concat(pieces));
  return fc.record({ secrets: fc.constant(secrets), forms: fc.constant(forms), text });
});

/** What the masker should do, said in another way: mark the bytes of every form, then replace what hangs together. */
function maskedByHand(text: Buffer, forms: readonly Uint8Array[]): string {
  const places = forms
    .flatMap((form) => {
      const found: { start: number; end: number }[] = [];
      for (let at = text.indexOf(form); at !== -1; at = text.indexOf(form, at + 1)) {
        found.push({ start: at, end: at + form.length });
      }
      return found;
    })
    .sort((a, b) => a.start - b.start);
  let masked = "";
  let position = 0;
  for (const { start, end } of places) {
    if (start >= position) masked += `${text.toString("latin1", position, start)}***`;
    position = Math.max(position, end);
  }
  return masked + text.toString("latin1", position);
}

describe("createMasker", () => {
  it("puts out the same however the text is cut, and holds back no more than the longest form", () => {
    fc.assert(
      fc.property(masking, fc.array(fc.integer({ min: 0, max: 9 })), ({ secrets, forms, text }, sizes) => {
        const longest = Math.max(...forms.map(({ length }) => length));
        const masker = createMasker(secrets);
        const out: Uint8Array[] = [];
        let position = 0;
        for (const size of [...sizes, text.length]) {
          out.push(masker.write(text.subarray(position, position + size)));
          position = Math.min(position + size, text.length);
          // What is out stays true whatever comes.
          expect(maskedByHand(text, forms).startsWith(Buffer.concat(out).toString("latin1"))).toBe(true);
          expect(masker.pending).toBeLessThan(longest);
        }
        out.push(masker.end());
        expect(Buffer.concat(out).toString("latin1")).toBe(maskedByHand(text, forms));
      }),
    );
  });

  it("leaves no form of a secret", () => {
    fc.assert(
      fc.property(masking, ({ secrets, forms, text }) => {
        const masker = createMasker(secrets);
        const masked = Buffer.concat([masker.write(text), masker.end()]);
        expect(forms.filter((form) => masked.includes(Buffer.from(form)))).toEqual([]);
      }),
    );
  });

  it("may share its patterns with others", () => {
    const patterns = new SecretPatterns(["hunter22"]);
    const first = createMasker(patterns);
    first.write(Buffer.from("hunt"));
    expect(maskText("er22", patterns)).toBe("er22");
    expect(Buffer.concat([first.write(Buffer.from("er22")), first.end()]).toString()).toBe("***");
  });
});
