import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebPages, type WebRequest } from "./web-pages.ts";

let directory: string;
let pages: WebPages;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "waybill-web-"));
  mkdirSync(join(directory, "assets"));
  writeFileSync(join(directory, "index.html"), "<!doctype html>");
  writeFileSync(join(directory, "assets/main-a1.js"), "whole");
  writeFileSync(join(directory, "assets/main-a1.js.br"), "small");
  writeFileSync(join(directory, "secret.txt"), "no type, no answer");
  pages = new WebPages(directory);
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function ask(url: string, change: Partial<WebRequest> = {}): ReturnType<WebPages["answer"]> {
  return await pages.answer({
    method: "GET",
    url,
    accept: "text/html,*/*",
    acceptEncoding: "gzip, br",
    ifNoneMatch: "",
    ...change,
  });
}

describe("pages", () => {
  test.each(["/", "/runs/01a1?job=x", "/sign-in", "/some/page/of/later"])("%s is the one page", async (url) => {
    const answer = await ask(url);
    expect(answer?.bytes?.toString()).toBe("<!doctype html>");
    expect(answer?.headers["cache-control"]).toBe("no-cache");
    expect(answer?.headers["content-security-policy"]).toContain("script-src 'self';");
    expect(answer?.headers["content-security-policy"]).not.toContain("unsafe");
  });

  test.each([
    ["of the API", "/v1/nothing", {}],
    ["of a file there is not", "/assets/old-b2.js", {}],
    ["of a file of no type", "/secret.txt", { accept: "*/*" }],
    ["of one who wants no page", "/runs/1", { accept: "application/json" }],
    ["that changes something", "/runs/1", { method: "POST" }],
    ["that leaves the directory", "/../package.json", { accept: "*/*" }],
  ])("a request %s is none of theirs", async (_, url, change) => {
    expect(await ask(url, change)).toBeNull();
  });

  test("a hashed file is kept for ever, small where the browser takes that", async () => {
    const small = await ask("/assets/main-a1.js", { accept: "*/*" });
    expect(small?.bytes?.toString()).toBe("small");
    expect(small?.headers).toMatchObject({
      "content-encoding": "br",
      "content-type": "text/javascript; charset=utf-8",
      "cache-control": "public, max-age=31536000, immutable",
    });
    const whole = await ask("/assets/main-a1.js", { acceptEncoding: "br;q=0, identity" });
    expect(whole?.bytes?.toString()).toBe("whole");
    expect(whole?.headers["content-encoding"]).toBeUndefined();
  });

  test("what the browser has is not sent again, and nobody who asks for the head gets the body", async () => {
    const etag = (await ask("/"))?.headers["etag"] ?? "";
    expect(await ask("/", { ifNoneMatch: etag })).toMatchObject({ status: 304, bytes: null });
    expect(await ask("/", { method: "HEAD" })).toMatchObject({ status: 200, bytes: null });
  });
});
