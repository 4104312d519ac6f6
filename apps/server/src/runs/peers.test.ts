import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { PostgresDatabase } from "../../../../test/support/postgres-database.ts";
import { describeWith } from "../../../../test/support/requires.ts";
import { readEventStream, testRepository, testServer, type TestServer } from "../testing/test-server.ts";

/* eslint-disable-next-line @typescript-eslint/no-explicit-any -- what an API gives is looked at field by field */
type Json = any;

/** Between two looks: what is seen earlier than this was told. */
const PATIENCE_MS = 3_600_000;
const LINES = 3;

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
    const open = async (): Promise<TestServer> =>
      await testServer(join(root, "data"), flags, {}, { patienceMs: PATIENCE_MS });
    const full = await open();
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
    const free = await open();
    await Promise.all([heard(full), heard(free)]);

    const script = Array.from({ length: LINES }, () => "echo line; sleep 0.1").join("; ");
    repository.push({
      "waybill.yaml": `name: lines\njobs:\n  one:\n    steps: [{ name: s, script: ["${script}"] }]\n`,
    });
    // In the queue of the one that has no room: the other is told of it, and tells its followers here.
    const id = await trigger();
    const { items } = await json(await full.get(`/v1/pipeline-runs/${id}/jobs`));
    const lines = await readEventStream(await full.get(`/v1/jobs/${items[0].id}/logs?follow=true`), () => false);
    expect(lines).toHaveLength(LINES);
    expect((await runOf(id)).status).toBe("success");
    expect(full.services.runs.isDriving(id)).toBe(false);

    expect((await free.post(`/v1/pipeline-runs/${hold}/cancel`)).status).toBe(202);
    await vi.waitFor(async () => expect((await runOf(hold)).status).toBe("cancelled"), 20_000);
  });
});
