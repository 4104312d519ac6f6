import { systemPrincipal } from "@waybill/access";
import { SERVER_EVENT_KINDS } from "@waybill/core";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { PostgresDatabase } from "../../../../test/support/postgres-database.ts";
import { describeWith } from "../../../../test/support/requires.ts";
import { signedIn } from "../testing/people.ts";
import { readEventStream, testRepository, testServer, type TestCaller } from "../testing/test-server.ts";
import { FORGE_ADDRESS, githubWebhook, sendWebhook } from "../testing/webhooks.ts";

/* eslint-disable-next-line @typescript-eslint/no-explicit-any -- what an API gives is looked at field by field */
type Json = any;

const TEST = systemPrincipal("test");
/** What must be in no event. */
const SECRET = "s3cret-of-the-shop";
const IN_BODY = "a-word-of-the-webhook";
const PIPELINE = `name: build
jobs:
  make: { steps: [{ name: s, script: ["echo app > app"] }], artifacts: { app: [app] } }
  ship: { depends_on: [make], deploys_to: production, steps: [{ name: s, script: ["true"] }] }
`;

let root: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "waybill-events-")));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Something that is changed, and the events that tell of it. */
type Row = readonly [kind: string, change: () => Promise<unknown>, ...events: readonly Json[]];

describeWith("git", "what happens beside runs", () => {
  test("is told once, in order, to those who may see it, and to nobody else", async () => {
    await changesAreTold([{}]);
  });

  describeWith("postgres", "on PostgreSQL", () => {
    test("is told by every server, of what each of them does", async () => {
      const database = await PostgresDatabase.create();
      try {
        await changesAreTold([{ database: database.url }, { database: database.url }]);
      } finally {
        await database.drop();
      }
    });
  });
});

/** @param flags of each server: the first changes, the last is followed */
async function changesAreTold(flags: readonly Readonly<Record<string, string>>[]): Promise<void> {
  const servers = [];
  for (const more of flags) servers.push(await testServer(join(root, "data"), more));
  const [server, followed] = [servers[0], servers.at(-1)];
  if (server === undefined || followed === undefined) throw new Error("there is no server");
  const { access, artifactRecords } = server.services;
  const repository = testRepository(root);
  const sha = repository.push({ "waybill.yaml": PIPELINE });

  const send = async (method: string, path: string, body?: unknown, by: TestCaller = server): Promise<Json> => {
    const response = await by.send(method, path, body);
    const answer: Json = response.status === 204 ? null : await response.json();
    expect([method, path, response.status < 300, answer]).toEqual([method, path, true, answer]);
    return answer;
  };
  const live = readEventStream(await followed.get("/v1/events"), (seen) => isLast(seen.at(-1)));

  // Rows need things of rows before them.
  const ids: Record<string, string> = {};
  let hook: Json;
  const webhook = async (fields: object, status: number): Promise<void> => {
    const sent = githubWebhook(hook.secret, "ref" in fields ? "push" : "ping", { ...fields, word: IN_BODY });
    expect((await sendWebhook(server.url, { ...sent, path: hook.webhook_path })).status).toBe(status);
  };
  const waiting = async (): Promise<Json> =>
    await vi.waitFor(
      async () => {
        const { items } = await send("GET", "/v1/approvals");
        expect(items).toHaveLength(1);
        return items[0];
      },
      { timeout: 20_000, interval: 50 },
    );
  const asked = { projectId: "", runId: "", kind: "deployment", digest: "d", authorIds: [] } as const;
  const stored = (): Json => ({ content_hash: ids["ref"], project_id: ids["shop"] });
  const audited = (kind: "deletion" | "corruption", contentHash: string): Promise<void> =>
    artifactRecords.audit([
      { time: Date.now(), kind, contentHash, jobId: null, delta: null, details: { reason: "it is old" } },
    ]);
  const shop = (rest = ""): string => `/v1/projects/${ids["shop"]}${rest}`;
  const rows: readonly Row[] = [
    [
      "project.created",
      async () => {
        ids["shop"] = (await send("POST", "/v1/projects", { name: "shop" })).id;
        await signedIn(server, "vera", { [ids["shop"] ?? ""]: "viewer" });
        await signedIn(server, "dora", { [ids["shop"] ?? ""]: "developer" });
      },
      { name: "shop" },
    ],
    ["member.changed", () => Promise.resolve(), { user: "vera", role: "viewer" }, { user: "dora", role: "developer" }],
    ["project.changed", () => send("PATCH", shop(), { name: "store" }), { name: "store" }],
    [
      "pipeline.created",
      async () => {
        const body = { project_id: ids["shop"], name: "build", repository_url: repository.url };
        ids["build"] = (await send("POST", "/v1/pipelines", body)).id;
      },
      { name: "build" },
    ],
    ["pipeline.changed", () => send("PATCH", `/v1/pipelines/${ids["build"]}`, { name: "b" }), { changed: ["name"] }],
    [
      "environment.changed",
      async () => {
        await send("POST", shop("/environments"), { name: "production" });
        await send("PATCH", shop("/environments/production"), { required_approvals: 1 });
        await send("POST", shop("/environments"), { name: "gone" });
        await send("DELETE", shop("/environments/gone"));
      },
      { name: "production", change: "created" },
      { name: "production", change: "changed" },
      { name: "gone", change: "created" },
      { name: "gone", change: "removed" },
    ],
    [
      "secret.changed",
      async () => {
        await send("PUT", shop("/secrets/TOKEN"), { value: SECRET, branch: "main" });
        await send("PUT", shop("/secrets/TOKEN"), { value: `${SECRET}2`, branch: "main" });
        await send("DELETE", shop("/secrets/TOKEN?branch=main"));
      },
      { name: "TOKEN", environment: "", branch: "main", change: "created" },
      { name: "TOKEN", change: "changed" },
      { name: "TOKEN", change: "removed" },
    ],
    [
      "member.changed",
      async () => {
        const { name } = await signedIn(server, "mia");
        await send("PUT", shop(`/members/${name}`), { role: "approver" });
        await send("DELETE", shop(`/members/${name}`));
      },
      { user: "mia", role: "approver" },
      { user: "mia", role: null },
    ],
    [
      "delivery.received delivery.interpreted",
      async () => {
        const about = { source: "github", address: FORGE_ADDRESS };
        hook = await send("POST", `/v1/pipelines/${ids["build"]}/webhook-secrets`, about);
        await webhook({ zen: "x" }, 200);
      },
      { source: "github", is_repeated: false },
      { source: "github", outcome: "ignored", run_ids: [] },
    ],
    ["delivery.received delivery.refused", () => webhook({ ref: 5 }, 400), { source: "github" }, { source: "github" }],
    [
      "delivery.received delivery.interpreted artifact.stored approval.requested",
      async () => {
        await webhook({ ref: "refs/heads/main", before: "0".repeat(40), after: sha, head_commit: { id: sha } }, 202);
        const approval = await waiting();
        ids["run"] = approval.run_id;
        ids["approval"] = approval.id;
        ids["ref"] = (await send("GET", `/v1/pipeline-runs/${approval.run_id}/artifacts`)).items[0].content_hash;
      },
      { source: "github" },
      { outcome: "started", run_ids: [expect.any(String)] },
      { job: "make", name: "app", job_id: expect.any(String), artifact_id: expect.any(String), file_count: 1 },
      { kind: "job", environment: "production" },
    ],
    [
      "approval.decided",
      async () => {
        const boss = await signedIn(server, "boss", {}, true);
        await send("POST", `/v1/approvals/${ids["approval"]}/approve`, {}, boss);
        await readEventStream(await server.get(`/v1/pipeline-runs/${ids["run"]}/events`));
      },
      { verdict: "approve", status: "approved" },
    ],
    [
      "approval.requested approval.expired",
      async () => {
        const of = { projectId: ids["shop"] ?? "", runId: ids["run"] ?? "", expiresAt: Date.now() + 50 };
        await access.approvals.request(TEST, { ...asked, ...of });
        await vi.waitFor(async () => expect(await access.approvals.expireDue(TEST)).toHaveLength(1), { interval: 20 });
      },
      { kind: "deployment" },
      { kind: "deployment" },
    ],
    ["artifact.quarantined", () => audited("corruption", ids["ref"] ?? ""), { run_id: null }],
    ["artifact.quarantined", () => audited("corruption", "0".repeat(64)), { project_id: null }],
    ["artifact.removed", () => audited("deletion", ids["ref"] ?? ""), { reason: "it is old" }],
    [
      "pipeline.created pipeline.removed",
      async () => {
        const body = { project_id: ids["shop"], name: "spare", repository_url: repository.url };
        const { id } = await send("POST", "/v1/pipelines", body);
        await send("DELETE", `/v1/pipelines/${id}`);
      },
      { name: "spare" },
      { name: "spare" },
    ],
    [
      "project.created project.removed",
      async () => await send("DELETE", `/v1/projects/${(await send("POST", "/v1/projects", { name: "spare" })).id}`),
      { name: "spare" },
      { name: "spare" },
    ],
    ["project.created", () => send("POST", "/v1/projects", { name: "last" }), { name: "last" }],
  ];
  for (const [, change] of rows) await change();

  const whole = await live;
  const told: Json[] = whole.map(({ data }) => JSON.parse(data));
  const ofServer = told.filter(({ type }) => Object.hasOwn(SERVER_EVENT_KINDS, type));
  const wanted = rows.flatMap(([kinds, , ...events]) => {
    const names = kinds.split(" ");
    return events.map((event, index) => ({ type: names[index] ?? names.at(-1), ...event }));
  });
  expect(ofServer.map(({ type }) => type)).toEqual(wanted.map(({ type }) => type));
  expect(ofServer).toMatchObject(wanted);
  // Each has the fields that are written down of its kind, and where it belongs.
  for (const event of ofServer) {
    const { fields } = SERVER_EVENT_KINDS[event.type as keyof typeof SERVER_EVENT_KINDS];
    const always = ["time", "type", "run_id", "project_id", "pipeline_id", "job_id"];
    expect(Object.keys(event).toSorted()).toEqual([...always, ...Object.keys(fields)].toSorted());
  }
  expect(new Set(ofServer.map(({ type }) => type))).toEqual(new Set(Object.keys(SERVER_EVENT_KINDS)));
  for (const kind of ["artifact.stored", "artifact.quarantined", "artifact.removed"]) {
    expect(ofServer.find(({ type }) => type === kind)).toMatchObject(stored());
  }
  expect(ofServer.find(({ type }) => type === "pipeline.created")).toMatchObject({ pipeline_id: ids["build"] });
  // Before what is told of the job that stored it, and the approval before the run that waited for it went on.
  const places = told.map(({ type, job }, index) => [`${type} ${job ?? ""}`, index] as const);
  const placeOf = new Map(places);
  expect(placeOf.get("artifact.stored make")).toBeLessThan(placeOf.get("job.finished make") ?? 0);
  expect(placeOf.get("approval.decided ")).toBeLessThan(placeOf.get("job.started ship") ?? 0);
  const numbers = whole.map(({ id }) => Number(id));
  expect(numbers).toEqual(numbers.toSorted((one, other) => one - other));
  expect(new Set(numbers).size).toBe(numbers.length);
  for (const hidden of [SECRET, hook.secret, IN_BODY]) expect(JSON.stringify(told)).not.toContain(hidden);

  // Cut off after each ten, a client has the same.
  const resumed: unknown[] = [];
  for (let last = "0"; resumed.length < whole.length;) {
    const wish = Math.min(10, whole.length - resumed.length);
    const part = await readEventStream(
      await server.get("/v1/events", { "last-event-id": last }),
      (seen) => seen.length >= wish,
    );
    resumed.push(...part.slice(0, wish));
    last = part[wish - 1]?.id ?? "";
  }
  expect(resumed).toEqual(whole);

  // Of others only what they may see, of projects that are theirs.
  const { users, signIn, cookies } = access;
  const other = (await send("POST", "/v1/projects", { name: "other" })).id;
  await signedIn(server, "otto", { [other]: "viewer" });
  const { id: otto } = await users.find("otto");
  const seenBy = async (name: string, project: string): Promise<readonly Json[]> => {
    const { token } = await signIn.issueLink(TEST, name);
    const { cookie } = await signIn.withLink(token, { address: "127.0.0.1", userAgent: "a test" });
    const by = followed.as({ cookie: cookies.session.set(cookie).split(";")[0] ?? "" });
    const stream = await by.get("/v1/events?after=0");
    const marker = `mark-${name}`;
    const reading = readEventStream(stream, (seen) => seen.at(-1)?.data.includes(marker) ?? false);
    await send("POST", `/v1/projects/${project}/environments`, { name: marker });
    return (await reading).map(({ data }) => JSON.parse(data));
  };
  const ofShop = told.filter(({ project_id: project }) => project === ids["shop"]);
  const marked = [{ type: "environment.changed", name: "mark-vera" }];
  const byViewer = await seenBy("vera", ids["shop"] ?? "");
  const secretly = ofShop.filter(({ type }) => type !== "secret.changed");
  expect(byViewer).toMatchObject([...secretly, ...marked]);
  expect(secretly.length).toBeLessThan(ofShop.length);
  expect(await seenBy("dora", ids["shop"] ?? "")).toMatchObject([...ofShop, ...marked, { name: "mark-dora" }]);
  const byStranger = await seenBy("otto", other);
  expect(byStranger.map(({ type, project_id: project }) => [type, project])).toEqual([
    ["project.created", other],
    ["member.changed", other],
    ["environment.changed", other],
  ]);
  // Who becomes more sees more from the next connection on, and what was open ends.
  const { token } = await signIn.issueLink(TEST, "otto");
  const { cookie } = await signIn.withLink(token, { address: "127.0.0.1", userAgent: "a test" });
  const open = await followed.as({ cookie: cookies.session.set(cookie).split(";")[0] ?? "" }).get("/v1/events");
  await users.grant(TEST, other, otto, "developer");
  expect(await open.text().catch(() => "")).not.toContain("event: end");
  expect(server.logged).toEqual([]);
}

function isLast(event: { readonly type: string; readonly data: string } | undefined): boolean {
  return event?.type === "project.created" && JSON.parse(event.data).name === "last";
}
