import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ArtifactRecords } from "@waybill/artifacts";
import type { ArtifactRecord, RunChange } from "@waybill/engine";
import { sampleRun } from "@waybill/engine/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { describeWith } from "../../../../test/support/requires.ts";
import { openRunStore } from "../open-run-store.ts";
import type { SqlRunStore } from "../runs/sql-run-store.ts";
import { PostgresDatabase } from "../../../../test/support/postgres-database.ts";

const NOTHING: RunChange = { jobs: [], steps: [], executions: [], artifacts: [], events: [] };
const RUN = "aaaaaaaa-1";
const REF = "ab".repeat(32);

interface Place {
  /** What `openRunStore` takes. */
  readonly address: string;
  dispose(): Promise<void>;
}

describe("SQLite", () => {
  artifactRecordsTests(async () => {
    const directory = await mkdtemp(join(tmpdir(), "waybill-artifact-records-"));
    return { address: join(directory, "waybill.db"), dispose: () => rm(directory, { recursive: true }) };
  });
});

describeWith("postgres", "PostgreSQL", () => {
  artifactRecordsTests(async () => {
    const database = await PostgresDatabase.borrow();
    return { address: database.url, dispose: () => database.giveBack() };
  });
});

function artifact(id: string, name: string, ref: string): ArtifactRecord {
  return { id, jobId: `${RUN}/job-0`, name, ref, sizeBytes: 10, fileCount: 2, createdAt: 1000 };
}

function artifactRecordsTests(makePlace: () => Promise<Place>): void {
  let place: Place;
  let store: SqlRunStore;
  let records: ArtifactRecords;

  beforeEach(async () => {
    place = await makePlace();
    store = await openRunStore(place.address);
    records = store.artifactRecords();
    await store.create(sampleRun(RUN));
  });

  afterEach(async () => {
    await store.close();
    await place.dispose();
  });

  test("an artifact is in use until its run has settled", async () => {
    await store.commit(RUN, { ...NOTHING, run: { status: "running" }, artifacts: [artifact("one", "app", REF)] });
    const [registered, ...others] = await records.registered();
    expect(registered).toMatchObject({ ref: REF, runId: RUN, runNumber: 1, name: "app", sizeBytes: 10, isInUse: true });
    expect(others).toEqual([]);
    await store.commit(RUN, { ...NOTHING, run: { status: "failed", finishedAt: 2000 } });
    expect((await records.registered())[0]).toMatchObject({ ref: REF, isInUse: false });
  });

  test("references come and go with the run's own transactions, each written down once", async () => {
    await store.commit(RUN, { ...NOTHING, artifacts: [artifact("one", "app", REF)] });
    // A save that is repeated after a crash.
    await store.commit(RUN, { ...NOTHING, artifacts: [artifact("one", "app", REF)] });
    const end = { ...NOTHING, run: { status: "success", finishedAt: 2000 } } as const;
    await store.commit(RUN, end);
    await store.commit(RUN, end);
    const job = { kind: "reference_change", contentHash: REF, jobId: `${RUN}/job-0`, details: {} };
    expect(await records.auditTrail(10)).toEqual([
      { ...job, time: 2000, delta: -1 },
      { ...job, time: 1000, delta: 1 },
    ]);
  });

  test("a pin is one owner's, set and taken back once", async () => {
    const pin = { ref: REF, owner: "user", reason: "shipped", createdAt: 5 };
    expect(await records.pin(pin)).toBe(true);
    expect(await records.pin({ ...pin, reason: "again" })).toBe(false);
    expect(await records.pin({ ...pin, owner: "release" })).toBe(true);
    expect(await records.pins()).toEqual([{ ...pin, owner: "release" }, pin]);
    expect(await records.unpin(REF, "user", 6)).toBe(true);
    expect(await records.unpin(REF, "user", 7)).toBe(false);
    expect(await records.unpin("cd".repeat(32), "user", 7)).toBe(false);
    expect((await records.pins()).map(({ owner }) => owner)).toEqual(["release"]);
    expect((await records.auditTrail(10)).map(({ time, delta, details }) => [time, delta, details["owner"]])).toEqual([
      [6, -1, "user"],
      [5, 1, "release"],
      [5, 1, "user"],
    ]);
  });

  test("the audit trail keeps what it is told, the newest first", async () => {
    const details = { level: "red", used_percent: 95.5, dry: false, policy: null };
    const entry = { kind: "storage_alert", contentHash: null, jobId: null, delta: null, details } as const;
    await records.audit(Array.from({ length: 1200 }, (_, index) => ({ ...entry, time: index })));
    await records.audit([]);
    expect(await records.auditTrail(2)).toEqual([
      { ...entry, time: 1199 },
      { ...entry, time: 1198 },
    ]);
    expect(await records.auditTrail(5000)).toHaveLength(1200);
  });

  test("one cleanup at a time, also of two processes, and its lock is no claim of a run", async () => {
    const lock = await records.lockCleanup();
    expect(lock).not.toBeNull();
    const other = await openRunStore(place.address);
    expect(await other.artifactRecords().lockCleanup()).toBeNull();
    expect(await store.claimed()).toEqual([]);
    await lock?.release();
    const next = await other.artifactRecords().lockCleanup();
    expect(next).not.toBeNull();
    await next?.release();
    await other.close();
  });
}
