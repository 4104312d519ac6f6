import { ALL_PERMISSIONS, PERMISSIONS, ROLES, systemPrincipal } from "@waybill/access";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWith } from "../../../../test/support/requires.ts";
import { routes } from "../api/routes.ts";
import type { Route } from "../http/route.ts";
import { machine, signedIn } from "../testing/people.ts";
import {
  openTestServer,
  readEventStream,
  testRepository,
  type TestCaller,
  type TestServer,
} from "../testing/test-server.ts";

/**
 * Who may call what, written down apart from the code that decides it: an operation that is not here fails the test.
 * - `anybody`: nobody has to be signed in;
 * - `signed-in`: whoever is signed in, or has a token;
 * - `person`: only people, about what is their own;
 * - a role: at least that in the project of the thing; nobody outside the project learns that there is one;
 * - `list`: everybody, who are shown what is theirs;
 * - `server`: administrators of the server; `server+machine`: its machines with the permission, too;
 * - `machine`: machines alone.
 */
const MATRIX: Readonly<Record<string, string>> = {
  health: "anybody",
  ready: "anybody",
  metrics: "server+machine",
  getOpenApi: "anybody",
  createProject: "server+machine",
  listProjects: "list",
  getProject: "viewer",
  createPipeline: "admin",
  listPipelines: "list",
  getPipeline: "viewer",
  triggerRun: "developer",
  listRunsOfPipeline: "viewer",
  listRuns: "list",
  getRun: "viewer",
  cancelRun: "developer",
  followRun: "viewer",
  listJobs: "viewer",
  getJobLog: "viewer",
  getArtifactMetadata: "viewer",
  downloadArtifact: "viewer",
  listArtifactsOfRun: "viewer",
  getRunGraph: "viewer",
  getRunDefinition: "viewer",
  rerunRun: "developer",
  getJob: "viewer",
  explainJob: "viewer",
  followEvents: "list",
  search: "list",
  getPipelineHook: "admin",
  listNotifications: "list",
  getSystem: "server+machine",
  listArtifacts: "list",
  listArtifactFiles: "viewer",
  downloadArtifactFile: "viewer",
  verifyArtifact: "developer",
  getArtifactRetention: "viewer",
  getStorage: "server+machine",
  getPipelineStatistics: "viewer",
  getPipelineDefinition: "viewer",
  checkRepository: "admin",
  changePipeline: "admin",
  removePipeline: "admin",
  changeProject: "admin",
  removeProject: "admin",
  searchJobLog: "viewer",
  listJobLogProblems: "viewer",
  downloadJobLog: "viewer",
  getRunTimeline: "viewer",
  getJobTimeline: "viewer",
  getRunEnvironment: "viewer",
  // It asks for the token of the execution itself.
  reportExecution: "anybody",
  receiveGitPush: "machine",
  receiveWebhook: "anybody",
  createWebhookSecret: "admin",
  listWebhookSecrets: "admin",
  removeWebhookSecret: "admin",
  listWebhookDeliveries: "list",
  signInWithPassword: "anybody",
  signInWithLink: "anybody",
  getSignInWays: "anybody",
  submitLink: "anybody",
  submitPassword: "anybody",
  beginOidc: "anybody",
  finishOidc: "anybody",
  signOut: "signed-in",
  getMe: "signed-in",
  setMyPassword: "person",
  listMySessions: "person",
  endMySession: "person",
  listUsers: "server",
  createUser: "server",
  getUser: "server",
  changeUser: "server",
  createSignInLink: "server",
  listMembers: "viewer",
  setMember: "admin",
  removeMember: "admin",
  listMyTokens: "person",
  createMyToken: "person",
  revokeToken: "signed-in",
  listMachineTokens: "admin",
  createMachineToken: "admin",
  listSecrets: "developer",
  setSecret: "admin",
  removeSecret: "admin",
  listEnvironments: "viewer",
  getEnvironment: "viewer",
  createEnvironment: "admin",
  changeEnvironment: "admin",
  removeEnvironment: "admin",
  reencryptSecrets: "server",
  listApprovals: "list",
  listApprovalsOfRun: "viewer",
  getApproval: "viewer",
  approve: "approver",
  reject: "approver",
  listAudit: "list",
  exportAudit: "list",
  verifyAudit: "server+machine",
};

type Who = "nobody" | (typeof ROLES)[number] | "server administrator" | "machine" | "server machine" | "other project";

const WHO: readonly Who[] = ["nobody", ...ROLES, "server administrator", "machine", "server machine", "other project"];

/** What a call comes to as far as access goes: 401, 403, hidden (404 for lack of access), or let through. */
type Outcome = "401" | "403" | "hidden" | "through";

function expected(rule: string, who: Who): Outcome {
  if (rule === "anybody") return "through";
  if (who === "nobody") return "401";
  if (rule === "signed-in" || rule === "list") return "through";
  const isMachine = who === "machine" || who === "server machine";
  switch (rule) {
    case "person":
      return isMachine ? "403" : "through";
    case "server":
      return who === "server administrator" ? "through" : "403";
    case "server+machine":
      return who === "server administrator" || who === "server machine" ? "through" : "403";
    case "machine":
      return isMachine ? "through" : "403";
    default: {
      if (who === "other project") return "hidden";
      // Of a machine's token the role is admin.
      const role = who === "server administrator" || isMachine ? "admin" : who;
      const [has, needs] = [ROLES.findIndex((each) => each === role), ROLES.findIndex((each) => each === rule)];
      if (needs < 0) throw new Error(`there is no rule "${rule}"`);
      return has >= needs ? "through" : "403";
    }
  }
}

const PIPELINE = `
name: shop
jobs:
  build:
    steps: [{ name: make, script: ["echo x >app"] }]
    artifacts: { app: [app] }
`;

let root: string;
let server: TestServer;
let subjects: Readonly<Record<string, string>>;
const callers = new Map<Who, TestCaller>();

/* eslint-disable-next-line @typescript-eslint/no-explicit-any -- what an API gives is looked at field by field */
type Json = any;

describeWith("git", "the authorisation of", () => {
  beforeAll(async () => {
    root = realpathSync(mkdtempSync(join(tmpdir(), "waybill-matrix-")));
    const repository = testRepository(root);
    repository.push({ "waybill.yaml": PIPELINE });
    server = await openTestServer(join(root, "data"));
    const json = async (response: Response): Promise<Json> => await response.json();
    const { id: project } = await json(await server.post("/v1/projects", { name: "shop" }));
    const { id: other } = await json(await server.post("/v1/projects", { name: "other" }));
    const created = { project_id: project, name: "build", repository_url: repository.url };
    const { id: pipeline } = await json(await server.post("/v1/pipelines", created));
    const { id: run } = await json(await server.post(`/v1/pipelines/${pipeline}/runs`, {}));
    await readEventStream(await server.get(`/v1/pipeline-runs/${run}/events`));
    const { items: jobs } = await json(await server.get(`/v1/pipeline-runs/${run}/jobs`));
    const approvals: string[] = [];
    // One to decide on, and one that goes on waiting.
    for (const digest of ["x", "y"]) {
      const waits = {
        projectId: project,
        runId: run,
        kind: "deployment",
        digest,
        authorIds: [],
        required: 10,
      } as const;
      approvals.push((await server.services.access.approvals.request(systemPrincipal("test"), waits)).id);
    }
    const [approval = ""] = approvals;
    subjects = { project, pipeline, run, job: jobs[0].id, artifact: jobs[0].artifacts[0].id, approval };
    const forMachines = ALL_PERMISSIONS.filter((each) => !["person", "server"].includes(PERMISSIONS[each]));
    callers.set("nobody", server.as({}));
    for (const role of ROLES) callers.set(role, await signedIn(server, role, { [project]: role }));
    callers.set("server administrator", await signedIn(server, "root", {}, true));
    callers.set("machine", await machine(server, "bot", project, forMachines));
    callers.set("server machine", server);
    callers.set("other project", await signedIn(server, "stranger", { [other]: "admin" }));
  });

  afterAll(async () => {
    await server.close();
    rmSync(root, { recursive: true, force: true });
  });

  test("every operation is written down, and no other", () => {
    expect(Object.keys(MATRIX).toSorted()).toEqual(routes.map(({ id }) => id).toSorted());
    for (const { id, access } of routes) expect([id, access === null]).toEqual([id, MATRIX[id] === "anybody"]);
  });

  test.each(routes.map((route) => [route.id, route] as const))("%s", async (id, route) => {
    const found: Record<string, string> = {};
    for (const who of WHO) found[who] = await outcome(callers.get(who), route);
    expect(found).toEqual(Object.fromEntries(WHO.map((who) => [who, expected(MATRIX[id] ?? "", who)])));
  });

  test("a token of one project is nobody's in another one, and for nothing but what it names", async () => {
    const { project = "", run = "" } = subjects;
    const { items } = (await (await server.get("/v1/projects")).json()) as Json;
    const other = items.find(({ name }: Json) => name === "other").id;
    const elsewhere = await machine(server, "elsewhere", other, ["runs:read", "projects:read"]);
    expect((await elsewhere.get(`/v1/pipeline-runs/${run}`)).status).toBe(404);
    expect((await elsewhere.get(`/v1/projects/${project}`)).status).toBe(404);
    expect((await elsewhere.get(`/v1/projects/${other}`)).status).toBe(200);
    expect((await elsewhere.get(`/v1/projects/${other}/secrets`)).status).toBe(403);
    expect((await elsewhere.get("/v1/pipelines")).status).toBe(403);
    expect(((await (await elsewhere.get("/v1/pipeline-runs")).json()) as Json).items).toEqual([]);
    expect(((await (await elsewhere.get("/v1/projects")).json()) as Json).items).toMatchObject([{ id: other }]);
  });

  test("lists show what is theirs", async () => {
    const count = async (who: Who, path: string): Promise<number> => {
      const response = await (callers.get(who) ?? server.as({})).get(path);
      return ((await response.json()) as Json).items.length;
    };
    for (const path of ["/v1/pipelines", "/v1/pipeline-runs", "/v1/approvals"]) {
      expect([await count("viewer", path), await count("other project", path)]).toEqual([expect.any(Number), 0]);
      expect(await count("viewer", path)).toBeGreaterThan(0);
    }
    expect([await count("viewer", "/v1/projects"), await count("server administrator", "/v1/projects")]).toEqual([
      1, 2,
    ]);
    for (const who of ["viewer", "approver", "admin", "other project"] as const) {
      expect((await callers.get(who)?.get("/v1/audit"))?.status).toBe(403);
      expect((await callers.get(who)?.get("/v1/audit/export"))?.status).toBe(403);
    }
    const ofProject = `/v1/audit?project_id=${subjects["project"] ?? ""}`;
    expect((await callers.get("admin")?.get(ofProject))?.status).toBe(200);
    expect((await callers.get("approver")?.get(ofProject))?.status).toBe(403);
    expect((await callers.get("other project")?.get(ofProject))?.status).toBe(404);
  });
});

/** A call that says nothing but what is needed to find the thing it is about: whoever may hears that the rest is wrong. */
async function outcome(caller: TestCaller | undefined, route: Route): Promise<Outcome> {
  if (caller === undefined) throw new Error("there is nobody");
  const kind = route.access?.on ?? "";
  const id = subjects[kind] ?? "00000000-0000-4000-8000-000000000000";
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => PARAMETERS[name] ?? id);
  const body = route.method === "GET" || route.method === "DELETE" ? undefined : (BODIES[route.id] ?? {});
  const sent = typeof body === "function" ? body() : body;
  // Signing out would end what the next operations are tried with.
  if (route.id === "signOut" && caller !== callers.get("nobody")) return "through";
  const response = await caller.send(route.method, path + (QUERIES[route.id] ?? ""), sent);
  const { status } = response;
  if (response.headers.get("content-type") === "text/event-stream" && route.id === "followEvents") {
    // It has no end.
    await response.body?.cancel();
    return "through";
  }
  const text = await response.text();
  const isProblem = response.headers.get("content-type") === "application/problem+json";
  const code = isProblem ? JSON.parse(text).code : null;
  if (status === 401 && code === "AUTH_REQUIRED") return "401";
  // That a list of all is asked for by somebody of a project is told apart, below.
  if (status === 403 && code === "ACCESS_DENIED" && !/^(?:list|export)Audit$/.test(route.id)) return "403";
  if (code === "API_NOT_FOUND" && id === subjects[kind]) return "hidden";
  return "through";
}

const PARAMETERS: Readonly<Record<string, string>> = { user: "nobody-there", name: "MATRIX_NOT_THERE" };

/** Of operations that take none without. */
const QUERIES: Readonly<Record<string, string>> = {
  search: "?q=x",
  downloadArtifactFile: "?path=x",
  searchJobLog: "?q=x",
};

/** Bodies without which a request would be refused before it is known what it is about. */
const BODIES: Readonly<Record<string, object | (() => object)>> = {
  createProject: { name: "shop" },
  createPipeline: () => ({
    project_id: subjects["project"],
    name: "build",
    repository_url: "https://git.example.com/x",
  }),
  triggerRun: { ref: "nowhere" },
  checkRepository: () => ({ project_id: subjects["project"], repository_url: "file:///nowhere/at/all.git" }),
  changeProject: { name: "shop" },
  rerunRun: { jobs: ["nowhere"] },
  receiveGitPush: { repository: "https://git.example.com/unknown", updates: [] },
  createWebhookSecret: { source: "nothing" },
  createUser: { name: "viewer" },
  setMember: { role: "viewer" },
  createMyToken: { name: "x", permissions: [] },
  createMachineToken: { name: "x", permissions: [], role: "viewer" },
  setSecret: { value: "" },
  createEnvironment: { name: "x", required_approvals: 0, approvers: ["nobody"] },
  changeEnvironment: { approvers: ["nobody"] },
  setMyPassword: { password: "short" },
  approve: { comment: "fine" },
  reject: { comment: "no" },
};
