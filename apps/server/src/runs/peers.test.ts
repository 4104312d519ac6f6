import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { PostgresDatabase } from "../../../../test/support/postgres-database.ts";
import { describeWith } from "../../../../test/support/requires.ts";
import { readEventStream, testRepository, testServer, type TestServer } from "../testing/test-server.ts";

/* eslint-disable-next-line @typescript-eslint/no-explicit-any -- what an API gives is looked at field by field */
type Json = any;

/** Far below what passes between two looks: 3 s at the queue, 2 s of a follower. By chance all of them would hardly be. */
const AT_ONCE_MS = 1_200;
const ROUNDS = 3;

async function json(response: Response): Promise<Json> {
  return await response.json();
}

/** One may have missed the first signals while it connected. */
async function heard(server: TestServer): Promise<void> {
  await vi.waitFor(() => {
    using follower = server.services.changes.follow("none");
    expect(follower.hearsOthers()).toBe(true);
  });
}

describeWith("postgres", "servers on one database", () => {
  test("wake each other: for a run in the queue, for those who follow it, and to end it", async () => {
    const root = realpathSync(mkdtempSync(join(tmpdir(), "waybill-peers-")));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    const database = await PostgresDatabase.create();
    onTestFinished(() => database.drop());
    const repository = testRepository(root);
    const flags = { database: database.url, "max-runs": "1", "max-jobs": "1" };
    const full = await testServer(join(root, "data"), flags);
    const project = await json(await full.post("/v1/projects", { name: "shop" }));
    const fields = { project_id: project.id, name: "build", repository_url: repository.url };
    const { id: pipeline } = await json(await full.post("/v1/pipelines", fields));
    const trigger = async (): Promise<string> => (await json(await full.post(`/v1/pipelines/${pipeline}/runs`, {}))).id;
    const runOf = async (id: string): Promise<Json> => await json(await full.get(`/v1/pipeline-runs/${id}`));

    repository.push({
      "waybill.yaml":
        "name: hold\njobs:\n  one:\n    steps: [{ name: s, script: ['trap \"exit 1\" TERM; sleep 600'] }]\n",
    });
    const hold = await trigger();
    await vi.waitFor(async () => expect((await runOf(hold)).status).toBe("running"), 20_000);
    const free = await testServer(join(root, "data"), flags);
    await Promise.all([heard(full), heard(free)]);

    const script = Array.from({ length: ROUNDS }, () => "date +%s%3N; sleep 0.3").join("; ");
    repository.push({
      "waybill.yaml": `name: lines\njobs:\n  one:\n    steps: [{ name: s, script: ["${script}"] }]\n`,
    });
    const waits: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const id = await trigger();
      const { items } = await json(await full.get(`/v1/pipeline-runs/${id}/jobs`));
      if (round === 0) {
        // Of a run that the other server drives.
        const seenAt: number[] = [];
        const stream = await full.get(`/v1/jobs/${items[0].id}/logs?follow=true`);
        const lines = await readEventStream(stream, () => (seenAt.push(Date.now()), false));
        expect(lines).toHaveLength(ROUNDS);
        const delays = lines.map(({ data }, index) => (seenAt[index] ?? Infinity) - Number(JSON.parse(data).text));
        expect(Math.max(...delays)).toBeLessThan(AT_ONCE_MS);
      }
      await vi.waitFor(async () => expect((await runOf(id)).status).toBe("success"), 20_000);
      const { created_at: created, started_at: started } = await runOf(id);
      waits.push(Date.parse(started) - Date.parse(created));
      expect(full.services.runs.isDriving(id)).toBe(false);
    }
    expect(Math.max(...waits)).toBeLessThan(AT_ONCE_MS);

    expect((await free.post(`/v1/pipeline-runs/${hold}/cancel`)).status).toBe(202);
    await vi.waitFor(async () => expect((await runOf(hold)).status).toBe("cancelled"), 20_000);
  });
});
