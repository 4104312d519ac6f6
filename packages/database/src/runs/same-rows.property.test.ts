import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { RunChange } from "@waybill/engine";
import { sampleRun } from "@waybill/engine/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { describeWith } from "../../../../test/support/requires.ts";
import { openRunStore } from "../open-run-store.ts";
import { PostgresDatabase } from "../../../../test/support/postgres-database.ts";

const TABLES = ["pipeline_runs", "jobs", "job_steps", "executions", "artifacts", "artifact_audit", "events"];
const RUNS = ["aaaaaaaa-1", "bbbbbbbb-2"];

// Any text but NUL, which only SQLite can hold; half of a surrogate pair among it.
const text = fc.string({ unit: "binary", maxLength: 12 }).map((value) => value.replaceAll("\0", ""));
const time = fc.option(fc.maxSafeNat());
const runStatus = fc.constantFrom("running", "success", "failed", "cancelled");
const reason = fc.option(fc.constantFrom("step_failed", "user", "condition_false"));

const ANY_OF_THEM = { requiredKeys: [] };

/** One change of a run; what it refers to exists, or does not (the change must then fail on both). */
function changeOf(run: string): fc.Arbitrary<RunChange> {
  const job = fc.constantFrom(`${run}/job-0`, `${run}/job-1`, `${run}/job-1`, "nobody");
  return fc.record({
    run: fc.record({ status: runStatus, reason, startedAt: time, finishedAt: time }, ANY_OF_THEM),
    jobs: fc.array(
      fc
        .tuple(
          job,
          fc.record(
            {
              status: runStatus,
              reason,
              message: text,
              attempts: fc.nat(100),
              outputs: fc.dictionary(text, text, { maxKeys: 2 }),
              startedAt: time,
            },
            ANY_OF_THEM,
          ),
        )
        .map(([id, fields]) => ({ id, ...fields })),
      { maxLength: 2 },
    ),
    steps: fc.array(
      fc
        .tuple(job, fc.record({ status: runStatus, exitCode: fc.option(fc.integer()), finishedAt: time }, ANY_OF_THEM))
        .map(([id, fields]) => ({ id: `${id}/step-0`, ...fields })),
      { maxLength: 2 },
    ),
    executions: fc.array(
      fc.record({ id: fc.constantFrom("e1", "e2", "é3"), jobId: job, attempt: fc.nat(3), executor: text }),
      { maxLength: 1 },
    ),
    artifacts: fc.array(
      fc.record({
        id: fc.uuid(),
        jobId: job,
        // Names whose order differs between languages and bytes.
        name: fc.constantFrom("app", "App", "app-1", "app_1", "äpp", "z"),
        ref: text,
        sizeBytes: fc.maxSafeNat(),
        fileCount: fc.nat(),
        createdAt: fc.maxSafeNat(),
      }),
      { maxLength: 3 },
    ),
    events: fc.array(
      fc.record({
        time: fc.maxSafeNat(),
        event: fc.record({
          type: fc.constant("job.started" as const),
          job: text,
          attempt: fc.nat(),
          executor: text,
        }),
      }),
      { maxLength: 3 },
    ),
  });
}

const changes = fc.array(
  fc.constantFrom(...RUNS).chain((run) => changeOf(run).map((change) => ({ run, change }))),
  { maxLength: 6 },
);

describeWith("postgres", "SQLite and PostgreSQL", () => {
  test("the same changes leave the same rows, records and failures in both", { timeout: 120_000 }, async () => {
    const directory = await mkdtemp(join(tmpdir(), "waybill-same-"));
    const path = join(directory, "waybill.db");
    const database = await PostgresDatabase.create();
    const sqlite = await openRunStore(path);
    const postgres = await openRunStore(database.url);
    const file = new DatabaseSync(path);
    const stores = [sqlite, postgres];
    try {
      await fc.assert(
        fc.asyncProperty(changes, async (sequence) => {
          await database.clear();
          file.exec("delete from pipeline_runs; delete from artifact_audit");
          for (const run of RUNS) for (const store of stores) await store.create(sampleRun(run));
          for (const { run, change } of sequence) {
            const [first, second] = await Promise.allSettled(stores.map((store) => store.commit(run, change)));
            expect(second?.status).toBe(first?.status);
          }
          for (const table of TABLES) {
            const theirs = await database.execute(`select * from ${table}`);
            const ours = file.prepare(`select * from ${table}`).all();
            expect(comparable(theirs)).toEqual(comparable(ours));
          }
          for (const run of RUNS) {
            for (const read of [
              (store: typeof sqlite) => store.jobs(run),
              (store: typeof sqlite) => store.steps(run),
              (store: typeof sqlite) => store.executions(run),
              (store: typeof sqlite) => store.artifacts(run),
              (store: typeof sqlite) => store.events(run, 0, 100),
              (store: typeof sqlite) => store.find(run),
            ]) {
              expect(await read(postgres)).toEqual(await read(sqlite));
            }
          }
        }),
        { numRuns: 30 },
      );
    } finally {
      file.close();
      await sqlite.close();
      await postgres.close();
      await database.drop();
      await rm(directory, { recursive: true });
    }
  });
});

/** Rows as texts, in any order: the plain driver gives large numbers as texts. */
function comparable(rows: readonly object[]): string[] {
  return rows
    .map((row) =>
      JSON.stringify(
        Object.entries(row)
          .map(([column, value]) => [column, value === null ? null : String(value)])
          .toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
      ),
    )
    .toSorted();
}
