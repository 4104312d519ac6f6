import { expect, test } from "vitest";
import { isReadableByOthers, serverUrl } from "./server-url.ts";

test.each([
  ["https://Waybill.example.com/", "https://waybill.example.com"],
  ["http://127.0.0.1:8080", "http://127.0.0.1:8080"],
  ["https://example.com/waybill//", "https://example.com/waybill"],
  ["https://example.com:443", "https://example.com"],
])("%s is kept as %s", (text, url) => {
  expect(serverUrl(text)).toBe(url);
});

test.each(["waybill.example.com", "ftp://x", "", "https://x/?a=b", "https://x/#a"])("%j is no server", (text) => {
  expect(() => serverUrl(text)).toThrow(expect.objectContaining({ code: "SERVER_ADDRESS_INVALID" }));
});

test("a password in an address is refused and not repeated", () => {
  expect(() => serverUrl("https://me:hunter2hunter2@x")).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining("hunter2") }),
  );
});

test("plain HTTP is for this machine alone", () => {
  expect(isReadableByOthers("http://10.0.0.1")).toBe(true);
  for (const url of ["http://localhost:1", "http://127.0.0.1", "http://[::1]:8", "https://10.0.0.1"]) {
    expect(isReadableByOthers(url)).toBe(false);
  }
});
