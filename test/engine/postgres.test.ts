import { chmodSync, chownSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { PostgresDatabase } from "../support/postgres-database.ts";
import { serverUser } from "../support/postgres.ts";
import { describeWith } from "../support/requires.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { openBench } from "./support/open-bench.ts";
import { canMount, smallDisk } from "./support/small-disk.ts";
import { processesWith } from "./support/traces.ts";

async function createDatabase(options = ""): Promise<PostgresDatabase> {
  const database = await PostgresDatabase.create(options);
  onTestFinished(() => database.drop());
  return database;
}

describeWith("postgres", "runs in PostgreSQL", () => {
  test("an engine that loses its claim lets go of the run, and another carries it on without repeating a step", async () => {
    const database = await createDatabase();
    const first = await openBench({ database: database.url });
    const second = await openBench({ database: database.url, project: first.project });
    const run = await first.start(`
name: taken over
jobs:
  one: { steps: [{ name: s, script: ["echo x >> ${first.project}/count", "echo up", "until [ -e ${first.project}/go ]; do sleep 0.02; done", "echo down"] }] }
  two: { depends_on: [one], steps: [{ name: s, script: ["echo y >> ${first.project}/count"] }] }
`);
    await run.recorder.line("one", "up");
    const [record] = await second.store.list(1);
    if (record === undefined) throw new Error("the run is not stored");
    const request = { run: record, parameters: {}, system: {}, concurrency: 2 };
    await expect(second.engine.resume(request)).rejects.toMatchObject({ code: "RUN_IN_PROGRESS" });

    await database.execute(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = 'waybill claims' and datname = current_database()`,
    );
    await expect(run.handle.finished).rejects.toMatchObject({ code: "STORE_CLAIM_LOST" });
    // The step goes on, and its files are there.
    expect(processesWith(first.project)).not.toEqual([]);
    const handle = await second.engine.resume(request);
    first.write("go", "");
    expect(await handle.finished).toMatchObject({ status: "success", warnings: [] });
    expect(existsSync(join(first.state, "workspaces", record.id))).toBe(false);
    expect(readFileSync(join(first.project, "count"), "utf8")).toBe("x\ny\n");

    const lines: string[] = [];
    for await (const { text } of second.ports.logs.read(record.id, "one")) lines.push(text);
    expect(lines).toEqual(["up", "down"]);
    const events = await second.store.events(record.id, 0, 100);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(await second.store.claimed()).toEqual([]);
  });

  describe.runIf(canMount)("on a full disk", () => {
    test("a commit is refused by name and leaves nothing; with space again the store works on", async () => {
      const parent = await temporaryDirectory();
      // The server runs as another user.
      chmodSync(parent, 0o755);
      const directory = join(parent, "tablespace");
      const disk = smallDisk(directory, 32 * 1024);
      const user = serverUser();
      if (user !== null) chownSync(directory, user.uid, user.gid);
      const home = await createDatabase();
      const space = `space_${home.name}`;
      await home.execute(`create tablespace ${space} location '${directory}'`);
      // Behind the database that lies in it.
      onTestFinished(async () => void (await home.execute(`drop tablespace ${space}`)));
      const database = await createDatabase(`tablespace ${space}`);
      const bench = await openBench({ database: database.url });
      const run = await bench.start("name: before\njobs:\n  one: { steps: [{ name: s, script: ['true'] }] }\n");
      expect((await run.handle.finished).status).toBe("success");

      disk.fill();
      const change = { jobs: [], steps: [], executions: [], artifacts: [] };
      const events = Array.from({ length: 500 }, () => ({
        time: 0,
        event: { type: "job.started" as const, job: "one".repeat(100), attempt: 1, executor: "process" },
      }));
      const before = (await bench.store.events(run.handle.id, 0, 1_000)).length;
      const refused = bench.store.commit(run.handle.id, { ...change, run: { reason: "user" }, events });
      await expect(refused).rejects.toMatchObject({ code: "STORE_FULL" });
      expect(await bench.store.events(run.handle.id, 0, 1_000)).toHaveLength(before);
      expect(await bench.store.find("1")).toMatchObject({ status: "success", reason: null });
      disk.free();
      await bench.store.commit(run.handle.id, { ...change, events });
      expect(await bench.store.events(run.handle.id, 0, 1_000)).toHaveLength(before + 500);
    });
  });
});
