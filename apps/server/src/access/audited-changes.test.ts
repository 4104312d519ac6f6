import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PostgresDatabase } from "../../../../test/support/postgres-database.ts";
import { describeWith } from "../../../../test/support/requires.ts";
import { readEventStream, testRepository, testServer } from "../testing/test-server.ts";

let root: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "waybill-audited-")));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A database whose audit log takes nothing while it is broken. */
interface Place {
  /** What the server is told; undefined: its own file. */
  readonly database: string | undefined;
  query(sql: string): Promise<readonly unknown[]>;
  breakAudit(): Promise<unknown>;
  mendAudit(): Promise<unknown>;
}

/* eslint-disable-next-line @typescript-eslint/no-explicit-any -- what an API gives is looked at field by field */
type Json = any;

describeWith("git", "what somebody changes", () => {
  describeWith("postgres", "on PostgreSQL", () => {
    let database: PostgresDatabase;
    beforeEach(async () => {
      database = await PostgresDatabase.create();
    });
    afterEach(() => database.drop());
    auditedChanges(() => ({
      database: database.url,
      query: (sql) => database.execute(sql),
      breakAudit: () => database.execute("alter table audit_log add constraint broken check (false) not valid"),
      mendAudit: () => database.execute("alter table audit_log drop constraint broken"),
    }));
  });

  auditedChanges(() => {
    const query = (sql: string): Promise<readonly unknown[]> => {
      const database = new DatabaseSync(join(root, "data/waybill.db"));
      try {
        return Promise.resolve(database.prepare(sql).all());
      } finally {
        database.close();
      }
    };
    const trigger = "create trigger broken before insert on audit_log begin select raise(abort, 'broken'); end";
    return {
      database: undefined,
      query,
      breakAudit: () => query(trigger),
      mendAudit: () => query("drop trigger broken"),
    };
  });

  test("a run that was asked to end begins no step, though the server that was asked has died", async () => {
    const repository = testRepository(root);
    const script = `echo $WAYBILL_RUN_NUMBER >>${root}/begun; until [ -e ${root}/go ]; do sleep 0.02; done`;
    repository.push({ "waybill.yaml": `{ name: p, jobs: { j: { steps: [{ name: s, script: ["${script}"] }] } } }` });
    const server = await testServer(join(root, "data"), { "max-runs": "1" });
    const create = async (path: string, body: unknown): Promise<Json> => await (await server.post(path, body)).json();
    const { id: project } = await create("/v1/projects", { name: "shop" });
    const about = { project_id: project, repository_url: repository.url, name: "build" };
    const { id: pipeline } = await create("/v1/pipelines", about);
    const first = await create(`/v1/pipelines/${pipeline}/runs`, {});
    const second = await create(`/v1/pipelines/${pipeline}/runs`, {});
    // All that a server has done which dies right after it has answered.
    await server.services.store.requestCancel(second.id, Date.now());
    writeFileSync(join(root, "go"), "");
    await readEventStream(await server.get(`/v1/pipeline-runs/${first.id}/events`));
    await readEventStream(await server.get(`/v1/pipeline-runs/${second.id}/events`));
    expect(await (await server.get(`/v1/pipeline-runs/${second.id}`)).json()).toMatchObject({ status: "cancelled" });
    expect(readFileSync(join(root, "begun"), "utf8")).toBe("1\n");
  });
});

function auditedChanges(openPlace: () => Place): void {
  test("is not done where the audit log cannot tell of it", async () => {
    const place = openPlace();
    const repository = testRepository(root);
    repository.push({
      "waybill.yaml": `{ name: p, jobs: { j: { steps: [{ name: s, script: ["until [ -e ${root}/go ]; do sleep 0.02; done"] }] } } }`,
    });
    const flags = place.database === undefined ? {} : { database: place.database };
    const server = await testServer(join(root, "data"), flags);
    const changed = async (method: string, path: string, body?: unknown): Promise<Json> => {
      const response = await server.send(method, path, body);
      const answer: Json = response.status === 204 ? null : await response.json();
      expect([response.status < 300, answer]).toEqual([true, answer]);
      return answer;
    };
    const items = async (path: string): Promise<Json> => ((await (await server.get(path)).json()) as Json).items;
    const ended = async (id: string): Promise<Json> => {
      await readEventStream(await server.get(`/v1/pipeline-runs/${id}/events`));
      return await (await server.get(`/v1/pipeline-runs/${id}`)).json();
    };

    const project = await changed("POST", "/v1/projects", { name: "shop" });
    const about = { project_id: project.id, repository_url: repository.url };
    const pipeline = await changed("POST", "/v1/pipelines", { ...about, name: "build" });
    const runs = `/v1/pipelines/${pipeline.id}/runs`;
    const secrets = `/v1/pipelines/${pipeline.id}/webhook-secrets`;
    const secret = await changed("POST", secrets, { source: "github" });
    const cancelled = await changed("POST", runs, {});
    await changed("POST", `/v1/pipeline-runs/${cancelled.id}/cancel`);
    expect(await ended(cancelled.id)).toMatchObject({ status: "cancelled", reason: "user" });
    const running = await changed("POST", runs, {});

    const { id: spare } = await changed("POST", "/v1/projects", { name: "spare" });
    const { id: unused } = await changed("POST", "/v1/pipelines", { ...about, name: "unused" });
    const other = testRepository(join(root, "other"));
    const requests: readonly (readonly [string, string, unknown?])[] = [
      ["POST", "/v1/projects", { name: "other" }],
      ["POST", "/v1/pipelines", { ...about, name: "other", repository_url: other.url }],
      ["POST", runs, {}],
      ["POST", `/v1/pipeline-runs/${cancelled.id}/rerun`, {}],
      ["POST", `/v1/pipeline-runs/${running.id}/cancel`],
      ["POST", secrets, { source: "github", overlap_seconds: 0 }],
      ["DELETE", `${secrets}/${secret.id}`],
      ["PATCH", `/v1/projects/${spare}`, { name: "renamed" }],
      ["PATCH", `/v1/pipelines/${unused}`, { name: "renamed", default_branch: "next" }],
      ["DELETE", `/v1/pipelines/${unused}`],
      ["DELETE", `/v1/projects/${spare}`],
    ];
    const state = async (): Promise<Json> => ({
      projects: await items("/v1/projects"),
      pipelines: await items("/v1/pipelines"),
      runs: (await items("/v1/pipeline-runs")).map(({ id }: Json) => id),
      secrets: await items(secrets),
      repositories: await place.query("select id from repositories"),
      asked: await place.query("select id from pipeline_runs where cancel_requested_at is not null"),
      audit: await items("/v1/audit"),
    });
    const before = await state();
    await place.breakAudit();
    for (const [method, path, body] of requests) {
      const { status } = await server.send(method, path, body);
      expect([path, status >= 500]).toEqual([path, true]);
    }
    await place.mendAudit();
    expect(await state()).toEqual(before);
    expect(before.asked).toEqual([{ id: cancelled.id }]);

    for (const [method, path, body] of requests) await changed(method, path, body);
    expect(await ended(running.id)).toMatchObject({ status: "cancelled", reason: "user" });
    writeFileSync(join(root, "go"), "");
    const told: Json[] = await items("/v1/audit");
    expect(told.slice(before.audit.length).map(({ action }) => action)).toEqual([
      "PROJECT_CREATED",
      "PIPELINE_CREATED",
      "PIPELINE_EXECUTED",
      "PIPELINE_RERUN",
      "PIPELINE_CANCELLED",
      "WEBHOOK_SECRET_CREATED",
      "WEBHOOK_SECRET_REMOVED",
      "PROJECT_CHANGED",
      "PIPELINE_CHANGED",
      "PIPELINE_REMOVED",
      "PROJECT_REMOVED",
    ]);
    expect(told.at(before.audit.length + 3)).toMatchObject({
      actor_id: expect.stringMatching(/^machine:/),
      project_id: project.id,
      context: { pipeline: "build", rerun_of: cancelled.id },
    });
    expect(await server.services.access.audit.verify()).toMatchObject({ isIntact: true });
  });
}
