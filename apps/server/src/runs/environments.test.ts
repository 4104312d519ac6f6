import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWith } from "../../../../test/support/requires.ts";
import { signedIn, type TestPerson } from "../testing/people.ts";
import {
  openTestServer,
  readEventStream,
  testRepository,
  type TestRepository,
  type TestServer,
} from "../testing/test-server.ts";

/* eslint-disable-next-line @typescript-eslint/no-explicit-any -- what an API gives is looked at field by field */
type Json = any;

const SECRET = "only-for-production-77";

let root: string;
let repository: TestRepository;
let server: TestServer;
let projects = 0;

/** `ship` works on an environment and adds a line to a file; `other` goes on beside it. */
function pipelineText(target: string): string {
  return `
name: shop
inputs: { target: { type: string, default: ${target} } }
jobs:
  other: { steps: [{ name: s, script: ['echo "other has \${TOKEN:-nothing}"', "echo other >> ${root}/\${FILE:-ran}"] }] }
  ship:
    deploys_to: \${inputs.target}
    steps:
      - name: s
        environment: { TOKEN: "\${secrets.TOKEN:-none}" }
        script: ['echo "ship has $TOKEN"', 'printf %s "$TOKEN" | wc -c', "echo ship >> ${root}/\${FILE:-ran}"]
  after: { depends_on: [ship], steps: [{ name: s, script: ["echo after >> ${root}/\${FILE:-ran}"] }] }
`;
}

async function json(response: Response, status = 200): Promise<Json> {
  const body = response.status === 204 ? null : await response.json();
  expect([response.url, response.status, body]).toEqual([response.url, status, body]);
  return body;
}

interface Place {
  readonly project: string;
  readonly pipeline: string;
  readonly file: string;
  person(name: string, role?: "viewer" | "developer" | "approver" | "admin"): Promise<TestPerson>;
}

/** A project of the test's own. */
async function place(): Promise<Place> {
  const name = `p${(projects += 1)}`;
  const { id: project } = await json(await server.post("/v1/projects", { name }), 201);
  const created = { project_id: project, name: "build", repository_url: repository.url };
  const { id: pipeline } = await json(await server.post("/v1/pipelines", created), 201);
  return {
    ...{ project, pipeline, file: join(root, name) },
    person: (who, role = "approver") => signedIn(server, `${who}-${name}`, { [project]: role }),
  };
}

async function environment({ project }: Place, body: object): Promise<Json> {
  return await json(await server.post(`/v1/projects/${project}/environments`, body), 201);
}

async function start(
  { pipeline, file }: Place,
  body: object = {},
  by: Pick<TestServer, "post"> = server,
): Promise<string> {
  const variables = { FILE: file.slice(root.length + 1) };
  return (await json(await by.post(`/v1/pipelines/${pipeline}/runs`, { variables, ...body }), 201)).id;
}

async function jobOf(run: string, name = "ship"): Promise<Json> {
  return (await json(await server.get(`/v1/pipeline-runs/${run}/jobs`))).items.find((job: Json) => job.name === name);
}

async function held(run: string): Promise<Json> {
  await expect.poll(async () => (await jobOf(run)).held_by, { timeout: 20_000 }).not.toBeNull();
  const { items } = await json(await server.get(`/v1/pipeline-runs/${run}/approvals`));
  expect(items).toHaveLength(1);
  return items[0];
}

async function ended(run: string): Promise<Json> {
  await readEventStream(await server.get(`/v1/pipeline-runs/${run}/events`));
  return await json(await server.get(`/v1/pipeline-runs/${run}`));
}

function ran({ file }: Place): readonly string[] {
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n").toSorted() : [];
}

async function logOf(run: string, name: string): Promise<string> {
  const { items } = await json(await server.get(`/v1/jobs/${(await jobOf(run, name)).id}/logs`));
  return items.map(({ text }: Json) => text).join("\n");
}

async function why(run: string): Promise<Json> {
  return await json(await server.get(`/v1/jobs/${(await jobOf(run)).id}/explanation`));
}

describeWith("git", "environments", () => {
  beforeAll(async () => {
    root = realpathSync(mkdtempSync(join(tmpdir(), "waybill-environments-")));
    repository = testRepository(root);
    repository.push({ "waybill.yaml": pipelineText("production") });
    repository.git("push", "-q", "origin", "HEAD:refs/heads/feature");
    // A held run is nobody's slot.
    server = await openTestServer(join(root, "data"), { "max-runs": "1" });
  });

  afterAll(async () => {
    await server.close();
    rmSync(root, { recursive: true, force: true });
  });

  test("are made, listed, changed and deleted over the API, and tell what is wrong", async () => {
    const here = await place();
    const ann = await here.person("ann");
    const url = `/v1/projects/${here.project}/environments`;
    const rules = { branches: ["main", "release/*"], required_approvals: 1, approvers: [ann.name] };
    const made = await environment(here, { name: "production", ...rules });
    expect(made).toMatchObject({ name: "production", description: "", ...rules, prevent_self_approval: false });
    expect(await json(await server.get(`${url}/production`))).toEqual(made);
    expect((await json(await ann.get(url))).items).toEqual([made]);
    const changed = await json(await server.send("PATCH", `${url}/production`, { description: "live" }));
    expect(changed).toMatchObject({ ...rules, description: "live" });
    const problem = async (response: Response, status: number): Promise<string> => (await json(response, status)).code;
    expect(await problem(await server.post(url, { name: "production" }), 409)).toBe("ENVIRONMENT_NAME_TAKEN");
    expect(await problem(await server.get(`${url}/prodution`), 404)).toBe("ENVIRONMENT_UNKNOWN");
    expect(await problem(await server.post(url, { name: "a b" }), 400)).toBe("API_INVALID");
    const nobody = { name: "x", required_approvals: 1, approvers: ["nobody-at-all"] };
    expect(await problem(await server.post(url, nobody), 404)).toBe("USER_UNKNOWN");
    const never = await server.send("PATCH", `${url}/production`, { required_approvals: 2 });
    expect(await problem(never, 422)).toBe("ENVIRONMENT_INVALID");
    await json(await server.send("DELETE", `${url}/production`), 204);
    expect((await json(await server.get(url))).items).toEqual([]);
  });

  test("give their secrets to the jobs that name them, from branches that may use them, and to no other", async () => {
    const here = await place();
    const secret = { value: SECRET, environment: "production" };
    await json(await server.send("PUT", `/v1/projects/${here.project}/secrets/TOKEN`, secret));
    await environment(here, { name: "production", branches: ["main"] });
    const allowed = await start(here);
    expect(await ended(allowed)).toMatchObject({ status: "success" });
    expect(await logOf(allowed, "ship")).toBe(`ship has ***\n${SECRET.length}`);
    expect(await logOf(allowed, "other")).toBe("other has nothing");
    const audit = await server.services.access.store.audit.list({ afterSeq: 0, limit: 10_000 });
    const given = audit.filter(({ action, resource }) => action === "SECRET_ACCESSED" && resource === `run:${allowed}`);
    expect(given.map(({ context }) => context)).toEqual([
      { job: "ship", environment: "production", branch: "main", names: ["TOKEN"] },
    ]);

    const refused = await start(here, { ref: "feature" });
    expect(await ended(refused)).toMatchObject({ status: "cancelled", reason: "refused" });
    const message = "refs/heads/feature may not use production, which is for main";
    expect(await jobOf(refused)).toMatchObject({ status: "cancelled", reason: "refused", message, held_by: null });
    expect(await jobOf(refused, "other")).toMatchObject({ status: "success" });
    expect((await why(refused)).remedy).toContain("waybill environments edit");
    expect(ran(here)).toEqual(["after", "other", "other", "ship"]);
  });

  test("that a project does not have are refused where it has some, with what was meant", async () => {
    const here = await place();
    const free = await start(here, { inputs: { target: "anything" } });
    expect(await ended(free)).toMatchObject({ status: "success" });
    await environment(here, { name: "production" });
    const typo = await start(here, { inputs: { target: "prodution" } });
    expect(await ended(typo)).toMatchObject({ status: "cancelled", reason: "refused" });
    expect((await jobOf(typo)).message).toContain('Did you mean "production"?');
    expect((await why(typo)).remedy).toContain("waybill environments create");
    expect((await why(typo)).rules.at(-1)).toMatchObject({ rule: "gate", environment: "prodution", outcome: "unmet" });
  });

  test("hold a job until enough people have approved, none of them its author, while others go on", async () => {
    const here = await place();
    const [ann, bob, cat] = await Promise.all([here.person("ann"), here.person("bob"), here.person("cat", "admin")]);
    await environment(here, { name: "production", required_approvals: 2, prevent_self_approval: true });
    const run = await start(here, {}, ann);
    const approval = await held(run);
    expect(approval).toMatchObject({ kind: "job", subject: "ship", environment: "production", required: 2 });
    expect(approval).toMatchObject({ status: "pending", author_ids: [ann.id], may_author_approve: false });
    expect(await jobOf(run)).toMatchObject({
      ...{ status: "pending", reason: "held", deploys_to: "production" },
      held_by: "waiting for approval of production",
    });
    await expect.poll(() => ran(here)).toEqual(["other"]);
    const { number } = await json(await server.get(`/v1/pipeline-runs/${run}`));
    const explained = await why(run);
    expect(explained.summary).toBe("is held: waiting for approval of production");
    expect(explained.remedy).toContain(`waybill approve ${number} ship`);
    // The only slot is free: another run goes through meanwhile.
    const meanwhile = await place();
    expect(await ended(await start(meanwhile))).toMatchObject({ status: "success" });

    const decide = (by: TestPerson): Promise<Response> =>
      by.post(`/v1/approvals/${approval.id}/approve`, { comment: "ok" });
    expect((await json(await decide(ann), 403)).code).toBe("APPROVAL_NOT_YOURS");
    await json(await decide(bob));
    expect((await json(await decide(bob), 403)).code).toBe("APPROVAL_NOT_YOURS");
    expect(ran(here)).toEqual(["other"]);
    expect((await json(await cat.get("/v1/approvals"))).items).toMatchObject([{ id: approval.id }]);
    await json(await decide(cat));
    expect(await ended(run)).toMatchObject({ status: "success" });
    expect(ran(here)).toEqual(["after", "other", "ship"]);
    expect(await why(run)).toMatchObject({ summary: "succeeded" });
    expect((await why(run)).rules).toContainEqual(
      expect.objectContaining({ rule: "gate", outcome: "met", text: `approved by ${bob.name}, ${cat.name}` }),
    );
  });

  test("end a job that somebody rejects, that nobody approves in time, or whose environment goes", async () => {
    const here = await place();
    const bob = await here.person("bob");
    await environment(here, { name: "production", required_approvals: 1 });
    const rejected = await start(here);
    const { id } = await held(rejected);
    await json(await bob.post(`/v1/approvals/${id}/reject`, { comment: "not on a Friday" }));
    expect(await ended(rejected)).toMatchObject({ status: "cancelled", reason: "refused" });
    const message = `${bob.name} rejected it for production: not on a Friday`;
    expect(await jobOf(rejected)).toMatchObject({ status: "cancelled", reason: "refused", message });
    expect(await jobOf(rejected, "after")).toMatchObject({ reason: "dependency_failed" });

    const late = await start(here);
    const waiting = await held(late);
    const { store, approvals } = server.services.access;
    const record = await approvals.get(waiting.id);
    // As the server's clock would have it, a fortnight on.
    await store.tables.approvals.update({ ...record, status: "expired", settledAt: 1, version: 2 }, null);
    server.services.runs.decided(late);
    expect(await ended(late)).toMatchObject({ status: "cancelled", reason: "refused" });
    expect((await jobOf(late)).message).toBe("it was not approved for production within 14 days");

    const orphan = await start(here);
    const asked = await held(orphan);
    await json(await server.send("DELETE", `/v1/projects/${here.project}/environments/production`), 204);
    expect(await ended(orphan)).toMatchObject({ status: "cancelled", reason: "refused" });
    await expect.poll(async () => (await approvals.get(asked.id)).status).toBe("cancelled");
    expect(ran(here)).toEqual(["other", "other", "other"]);
  });

  test("let a held run be cancelled, which takes back what it asked for, and run again, which asks anew", async () => {
    const here = await place();
    const [ann, bob] = await Promise.all([here.person("ann"), here.person("bob")]);
    await environment(here, { name: "production", required_approvals: 1, prevent_self_approval: true });
    const first = await start(here);
    const { id } = await held(first);
    await expect.poll(async () => (await jobOf(first, "other")).status, { timeout: 20_000 }).toBe("success");
    await json(await server.post(`/v1/pipeline-runs/${first}/cancel`), 202);
    expect(await ended(first)).toMatchObject({ status: "cancelled", reason: "user" });
    await expect.poll(async () => (await server.services.access.approvals.get(id)).status).toBe("cancelled");
    expect((await json(await bob.post(`/v1/approvals/${id}/approve`, {}), 409)).code).toBe("APPROVAL_CLOSED");

    const again = await json(await ann.post(`/v1/pipeline-runs/${first}/rerun`, { only: "failed" }), 201);
    const asked = await held(again.id);
    expect(asked.id).not.toBe(id);
    // Whoever has it run again is an author too.
    expect((await json(await ann.post(`/v1/approvals/${asked.id}/approve`, {}), 403)).code).toBe("APPROVAL_NOT_YOURS");
    await json(await bob.post(`/v1/approvals/${asked.id}/approve`, {}));
    expect(await ended(again.id)).toMatchObject({ status: "success" });
    expect(ran(here)).toEqual(["after", "other", "ship"]);
  });

  test("that ask for nothing any more let what is held go", async () => {
    const here = await place();
    await environment(here, { name: "production", required_approvals: 1 });
    const run = await start(here);
    const { id } = await held(run);
    await json(
      await server.send("PATCH", `/v1/projects/${here.project}/environments/production`, { required_approvals: 0 }),
    );
    expect(await ended(run)).toMatchObject({ status: "success" });
    expect((await server.services.access.approvals.get(id)).status).toBe("cancelled");
  });
});
