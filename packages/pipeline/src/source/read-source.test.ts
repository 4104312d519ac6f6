import { describe, expect, test } from "vitest";
import { MAX_SOURCE_BYTES, readSource } from "./read-source.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("reading the source", () => {
  test("drops a byte order mark, so that columns count from the first visible character", () => {
    const { source, collector } = readSource(bytes("\ufeffname: x\n"), "waybill.yaml");
    expect(source.text).toBe("name: x\n");
    expect(collector.hasErrors).toBe(false);
  });

  test("reads a carriage return alone as a line break", () => {
    const { source } = readSource("a: 1\rb: 2\r\nc: 3\n", null);
    expect(source.positionAt(source.text.indexOf("b"))).toEqual({ line: 2, column: 1 });
    expect(source.positionAt(source.text.indexOf("c"))).toEqual({ line: 3, column: 1 });
  });

  test("says where bytes are no UTF-8", () => {
    const { collector } = readSource(new Uint8Array([0x61, 0x0a, 0x62, 0xff, 0x63]), null);
    expect(collector.errors()).toMatchObject([{ code: "YAML_NOT_UTF8", line: 2, column: 2 }]);
  });

  test("recognises UTF-16", () => {
    const { collector } = readSource(new Uint8Array([0xff, 0xfe, 0x61, 0x00]), null);
    expect(collector.errors()).toMatchObject([{ code: "YAML_NOT_UTF8", message: expect.stringContaining("UTF-16") }]);
  });

  test.each([
    ["NUL", "a\u0000b", "U+0000"],
    ["escape", "a\u001bb", "U+001B"],
    ["delete", "a\u007fb", "U+007F"],
    ["C1 control", "a\u0080b", "U+0080"],
    ["half of a surrogate pair", "a\ud800b", "U+D800"],
  ])("refuses %s", (_, text, name) => {
    const { collector } = readSource(text, null);
    expect(collector.errors()).toMatchObject([{ code: "YAML_CONTROL_CHARACTER", line: 1, column: 2 }]);
    expect(collector.errors()[0]?.message).toContain(name);
  });

  test("lets tabs, emoji and every script through", () => {
    expect(readSource("a:\t'ünïcödé 漢字 🚚'\n", null).collector.hasErrors).toBe(false);
  });

  test("reports only the first of very many control characters", () => {
    expect(readSource("\u0000".repeat(1000), null).collector.errorCount).toBe(20);
  });

  test("accepts the largest size and refuses one byte more", () => {
    expect(readSource("#".repeat(MAX_SOURCE_BYTES), null).collector.hasErrors).toBe(false);
    const tooLarge = readSource(new Uint8Array(MAX_SOURCE_BYTES + 1).fill(35), "waybill.yaml");
    expect(tooLarge.collector.errors()).toMatchObject([{ code: "YAML_TOO_LARGE", file: "waybill.yaml", line: 0 }]);
    expect(tooLarge.source.text).toBe("");
  });

  test("measures text in bytes, not in characters", () => {
    expect(readSource("é".repeat(MAX_SOURCE_BYTES / 2 + 1), null).collector.errors()[0]?.code).toBe("YAML_TOO_LARGE");
  });
});
