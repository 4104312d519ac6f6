import { expect, test } from "vitest";
import { createServerLog } from "../server-log.ts";
import { knownSecrets, redactLine } from "./redact-line.ts";

test.each([
  ["a token of ours", "no user of wbp_Zm9vYmFyYmF6cXV4 there", "Zm9vYmFy"],
  ["a header", "authorization: Bearer eyJhbGciOi.J9.x", "eyJhbGciOi"],
  ["the user of an address", "cannot reach https://bob:hunter22@host/x.git", "hunter22"],
  ["a parameter", "GET /x?access_token=abc123&y=1", "abc123"],
  ["what a variable holds", "the value was correct-horse here", "correct-horse"],
  ["a password of the database", "failed for p@ss/word", "p@ss/word"],
])("%s is no part of a line", (_, text, secret) => {
  const known = knownSecrets({ DEPLOY_KEY: "correct-horse" }, "postgres://w:p%40ss%2Fword@db/waybill");
  const line = redactLine(JSON.stringify({ message: text }), known);
  expect(line).not.toContain(secret);
  expect(line).toContain("***");
  expect(() => JSON.parse(line) as unknown).not.toThrow();
});

test("an error's own text and its cause are cleared of secrets as well", () => {
  const lines: string[] = [];
  const clock = { now: () => 0, monotonic: () => 0, setTimer: () => ({ cancel() {} }) };
  const log = createServerLog(clock, (line) => lines.push(line), knownSecrets({ PGPASSWORD: "s3cr3t-pw" }, ""));
  const cause = new Error("password s3cr3t-pw was refused");
  log.error("the store failed", { url: "postgres://w:other-pw@db/x" }, new Error("outer", { cause }));
  expect(lines.join("")).not.toMatch(/s3cr3t-pw|other-pw/);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    level: "ERROR",
    timestamp: "1970-01-01T00:00:00.000Z",
    component: "server",
    correlation_id: "unknown",
    message: "the store failed",
  });
});
