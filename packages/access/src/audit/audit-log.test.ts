import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AuditReader } from "../ports.ts";
import { AuditLog } from "./audit-log.ts";
import { canonicalJson } from "./canonical-json.ts";
import { chainEntry, type AuditEntry, type NewAuditEntry } from "./entry.ts";

const ENTRY: NewAuditEntry = {
  time: Date.UTC(2024, 0, 15, 14, 30),
  actorId: "user:ann",
  action: "PIPELINE_EXECUTED",
  resource: "pipeline:storefront",
  projectId: "p",
  context: { run: 7, branch: "main" },
};

function chain(count: number): AuditEntry[] {
  const entries: AuditEntry[] = [];
  for (let seq = 1; seq <= count; seq += 1) {
    entries.push(chainEntry(entries.at(-1) ?? null, { ...ENTRY, time: ENTRY.time + seq }, `event-${seq}`));
  }
  return entries;
}

/** The port on an array: what an adapter would give, and nobody has to break a database for it. */
function logOf(entries: readonly AuditEntry[]): AuditLog {
  const reader: AuditReader = {
    list: ({ afterSeq, limit }) => Promise.resolve(entries.filter(({ seq }) => seq > afterSeq).slice(0, limit)),
    head: () => Promise.resolve(entries.at(-1) ?? null),
  };
  return new AuditLog(reader);
}

describe("canonical JSON", () => {
  test("is one text for one value", () => {
    expect(canonicalJson({ b: [1, { z: null, a: true }], a: "x\u0000é" })).toBe(
      '{"a":"x\\u0000é","b":[1,{"a":true,"z":null}]}',
    );
    expect(() => canonicalJson(Number.NaN)).toThrow(TypeError);
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const object = value as Record<string, never>;
        const shuffled = Object.fromEntries(Object.entries(object).reverse());
        expect(canonicalJson(shuffled)).toBe(canonicalJson(object));
        // Through JSON and back, as a database gives it.
        expect(canonicalJson(JSON.parse(JSON.stringify(object)) as Record<string, never>)).toBe(canonicalJson(object));
      }),
    );
  });
});

describe("the log", () => {
  test("is intact as it was written", async () => {
    const entries = chain(1203);
    const verdict = await logOf(entries).verify();
    expect(verdict).toEqual({ isIntact: true, entries: 1203, headHash: entries.at(-1)?.integrityHash });
    expect(await logOf([]).verify()).toEqual({ isIntact: true, entries: 0, headHash: "0".repeat(64) });
  });

  const changes: Readonly<Record<string, Partial<AuditEntry>>> = {
    time: { time: 5 },
    actor: { actorId: "user:bob" },
    action: { action: "PIPELINE_CANCELLED" },
    resource: { resource: "pipeline:other" },
    project: { projectId: null },
    context: { context: { run: 8, branch: "main" } },
    id: { eventId: "other" },
  };
  test.each(Object.entries(changes))("shows a changed %s", async (_name, change) => {
    const entries = chain(9).map((entry) => (entry.seq === 4 ? { ...entry, ...change } : entry));
    expect(await logOf(entries).verify()).toEqual({ isIntact: false, brokenAt: 4, problem: "changed" });
  });

  test("shows an entry that was written anew with a hash that fits it", async () => {
    const entries = chain(9);
    const forged = chainEntry(entries[2] ?? null, { ...ENTRY, actorId: "user:bob" }, "event-4");
    expect(await logOf(entries.with(3, forged)).verify()).toEqual({
      isIntact: false,
      brokenAt: 5,
      problem: "out_of_order",
    });
  });

  test("shows an entry that is gone, the first one too", async () => {
    expect(await logOf(chain(9).toSpliced(3, 1)).verify()).toMatchObject({ brokenAt: 4, problem: "missing" });
    expect(await logOf(chain(9).slice(1)).verify()).toMatchObject({ brokenAt: 1, problem: "missing" });
  });

  test("shows a cut end, and a log written anew, to whoever kept an entry of it", async () => {
    const entries = chain(9);
    const anchor = entries[8];
    const shorter = logOf(entries.slice(0, 7));
    expect(await shorter.verify()).toMatchObject({ isIntact: true });
    expect(await shorter.verify(anchor)).toEqual({ isIntact: false, brokenAt: 8, problem: "cut_off" });
    const anew: AuditEntry[] = [];
    for (const { seq } of entries) {
      anew.push(chainEntry(anew.at(-1) ?? null, { ...ENTRY, actorId: "user:bob" }, `event-${seq}`));
    }
    expect(await logOf(anew).verify()).toMatchObject({ isIntact: true });
    expect(await logOf(anew).verify(anchor)).toMatchObject({ isIntact: false, brokenAt: 9 });
    expect(await logOf(entries).verify(anchor)).toMatchObject({ isIntact: true });
  });

  test("is exported as lines with which anybody can check it", async () => {
    let text = "";
    for await (const line of logOf(chain(700)).exportLines()) text += line;
    const lines = text.trimEnd().split("\n");
    expect(lines).toHaveLength(700);
    let previous = "0".repeat(64);
    for (const line of lines) {
      const { previous_hash, integrity_hash, ...rest } = JSON.parse(line) as Record<string, never>;
      expect(previous_hash).toBe(previous);
      previous = createHash("sha256")
        .update(`${previous}\n${canonicalJson(rest)}`)
        .digest("hex");
      expect(integrity_hash).toBe(previous);
    }
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      seq: 1,
      event_id: "event-1",
      timestamp: "2024-01-15T14:30:00.001Z",
      actor_id: "user:ann",
      context: { run: 7, branch: "main" },
    });
  });

  test("takes no entry that is more than a line about something", () => {
    const context = { names: "x".repeat(9000) };
    expect(() => chainEntry(null, { ...ENTRY, context }, "e")).toThrow(
      expect.objectContaining({ code: "AUDIT_ENTRY_TOO_LARGE" }),
    );
  });
});
