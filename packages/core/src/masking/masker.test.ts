import { describe, expect, it } from "vitest";
import { createMasker, maskText, MAX_SECRETS_BYTES } from "./masker.ts";

const SECRET = `p@ss "w/ord" 'é' $x\\`;

describe("maskText", () => {
  it("replaces a secret wherever it stands", () => {
    expect(maskText("hunter22 x=hunter22, hunter2", ["hunter22"])).toBe("*** x=***, hunter2");
  });

  it("leaves nothing of secrets that overlap or contain each other", () => {
    expect(maskText("abcdefgh", ["abcdef", "defgh"])).toBe("***");
    expect(maskText("xabcdefx abcde", ["abcdef", "bcde"])).toBe("x***x a***");
    expect(maskText("ababab", ["abab"])).toBe("***");
  });

  it("finds a secret behind a false start", () => {
    expect(maskText("aaaaab aaab", ["aaab"])).toBe("aa*** ***");
  });

  it("changes no bytes but those of secrets", () => {
    const bytes = Buffer.from(Array.from({ length: 512 }, (_, index) => index % 256));
    const masker = createMasker(["hunter22"]);
    expect(Buffer.concat([masker.write(bytes), masker.end()])).toEqual(bytes);
  });

  it.each([0, 1, 2])("finds it in base64 of something longer, %s bytes in", (offset) => {
    const encoded = Buffer.from(`${"=".repeat(offset)}a secret!?secret${"=".repeat(5)}`).toString("base64");
    const masked = maskText(encoded, ["a secret!?secret"]);
    // What is left around it: the characters that its neighbours have a part in.
    expect(masked.replace("***", "").length).toBeLessThanOrEqual(12);
    expect(masked).toContain("***");
  });

  it.each([
    ["base64", (text: string) => Buffer.from(text).toString("base64")],
    ["URL-safe base64", (text: string) => Buffer.from(text).toString("base64url")],
    ["a URL component", encodeURIComponent],
    ["a URL", encodeURI],
    ["a form", (text: string) => new URLSearchParams([["", text]]).toString().slice(1)],
    [
      "lower-case percent escapes",
      (text: string) => encodeURIComponent(text).replaceAll(/%../g, (e) => e.toLowerCase()),
    ],
    ["JSON", (text: string) => JSON.stringify(text).slice(1, -1)],
    ["ASCII JSON", (text: string) => JSON.stringify(text).slice(1, -1).replaceAll("é", "\\u00e9")],
    ["JSON with escaped slashes", (text: string) => JSON.stringify(text).slice(1, -1).replaceAll("/", "\\/")],
    ["single quotes of a shell", (text: string) => text.replaceAll("'", "'\\''")],
    ["double quotes of a shell", (text: string) => text.replaceAll(/["\\$`]/g, "\\$&")],
  ])("finds it in %s", (_name, encode) => {
    expect(maskText(`<${encode(SECRET)}>`, [SECRET])).toBe("<***>");
  });

  it("finds a secret of several lines with any line ends, in one line of JSON, and line by line", () => {
    const key = "-- BEGIN KEY --\nMIIEvQIBADAN\n-- END KEY --\n";
    for (const text of [key, key.replaceAll("\n", "\r\n"), key.trimEnd(), JSON.stringify(key).slice(1, -1)]) {
      expect(maskText(`<${text}>`, [key])).toMatch(/^<\*\*\*\r?\n?>$/);
    }
    expect(maskText("  -- BEGIN KEY --\n  MIIEvQIBADAN\n", [key])).toBe("  ***\n  ***\n");
  });

  it.each([64, 76])("finds a long secret in base64 that is broken after %s characters", (width) => {
    const secret = "0123456789".repeat(20);
    const encoded = Buffer.from(secret)
      .toString("base64")
      .replaceAll(new RegExp(`.{${width}}`, "g"), "$&\n");
    expect(maskText(encoded, [secret])).toBe("***");
  });

  it("leaves the line break behind a secret, so that lines stay lines", () => {
    expect(maskText("key: abc-def\nnext", ["abc-def\n"])).toBe("key: ***\nnext");
    expect(maskText('{"key":"abc-def\\n"}', ["abc-def\n"])).toBe('{"key":"***"}');
  });

  it("does not take what is left of a short secret without its line breaks for a secret", () => {
    expect(maskText("a cat\n", ["a\n\n\n"])).toBe("a cat\n");
  });

  it("holds nothing back where a secret is complete", () => {
    const masker = createMasker(["hunter22"]);
    expect(Buffer.from(masker.write(Buffer.from("password: hunter22"))).toString()).toBe("password: ***");
    expect(masker.pending).toBe(0);
  });

  it("says where in the source what comes out stands", () => {
    const masker = createMasker(["hunter22", "22-hun"], 100);
    const map = (text: string): unknown[] =>
      masker.writeMapped(Buffer.from(text)).segments.map(({ start, source, masked }) => [start, source, masked]);
    expect(map("a hunter22")).toEqual([
      [0, 100, false],
      [2, 102, true],
    ]);
    // The same place goes on: nothing comes out for it, but what follows it stands further on.
    expect(map("-hun")).toEqual([]);
    expect(map(" b")).toEqual([[0, 114, false]]);
    expect(map("hunter22hunter22x")).toEqual([
      [0, 116, true],
      [3, 124, true],
      [6, 132, false],
    ]);
    expect(masker.endMapped().segments).toEqual([]);
  });

  it("refuses secrets that are too short, by their position", () => {
    expect(() => createMasker(["long enough", "né!"])).toThrow("Secret 2 has a length of 3;");
    expect(() => createMasker(["🔑🔑🔑"])).toThrow("Secret 1");
  });

  it("refuses more than can be kept in memory", () => {
    expect(() => createMasker(["x".repeat(MAX_SECRETS_BYTES + 1)])).toThrow("at most");
  });
});
