import { ApprovalService, EnvironmentService, type ApprovalRequest, type Principal } from "@waybill/access";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PostgresDatabase } from "../../../../test/support/postgres-database.ts";
import { describeWith } from "../../../../test/support/requires.ts";
import { AccessFixture, ROOT, sqlitePlace, type AccessPlace } from "../testing/access-fixture.ts";

describe("SQLite", () => {
  environmentTests(sqlitePlace);
});

describeWith("postgres", "PostgreSQL", () => {
  environmentTests(async () => {
    const database = await PostgresDatabase.borrow();
    return { address: database.url, dispose: () => database.giveBack() };
  });
});

function code(name: string): unknown {
  return expect.objectContaining({ code: name });
}

/** One store for all: each test has a project of its own. */
function environmentTests(makePlace: () => Promise<AccessPlace>): void {
  let place: AccessPlace;
  let fixture: AccessFixture;
  let environments: EnvironmentService;
  let approvals: ApprovalService;
  let ann: Principal;
  let dev: Principal;

  beforeAll(async () => {
    place = await makePlace();
    fixture = await AccessFixture.open(place.address);
    environments = new EnvironmentService(fixture.store, fixture.clock);
    approvals = new ApprovalService(fixture.store, fixture.clock);
    ann = await fixture.person("ann", { p: "admin", q: "admin", r: "admin" });
    dev = await fixture.person("dev", { p: "developer" });
  });

  afterAll(async () => {
    await fixture.runs.close();
    await place.dispose();
  });

  test("is made, read, changed and deleted, each told of in the audit log", async () => {
    const made = await environments.create(ann, { projectId: "p", name: "production", branches: ["main"] });
    expect(made).toMatchObject({ description: "", requiredApprovals: 0, approverIds: [], preventSelfApproval: false });
    expect(await environments.get(dev, "p", "production")).toEqual(made);
    fixture.clock.advance(1000);
    const change = { requiredApprovals: 1, approverIds: [ann.id], preventSelfApproval: true, description: "live" };
    const changed = await environments.change(ann, "p", "production", change);
    expect(changed).toEqual({ ...made, ...change, updatedAt: fixture.clock.now() });
    await environments.create(ann, { projectId: "p", name: "a-first" });
    expect((await environments.ofProject("p")).map(({ name }) => name)).toEqual(["a-first", "production"]);
    expect((await environments.ofProject("p"))[1]).toEqual(changed);
    await environments.remove(ann, "p", "production");
    expect(await environments.find("p", "production")).toBeNull();
    expect((await fixture.entries()).slice(-4).map(({ action, resource }) => `${action} ${resource}`)).toEqual([
      "ENVIRONMENT_CREATED environment:production",
      "ENVIRONMENT_CHANGED environment:production",
      "ENVIRONMENT_CREATED environment:a-first",
      "ENVIRONMENT_REMOVED environment:production",
    ]);
    expect((await fixture.entries()).at(-3)?.context).toMatchObject({ required_approvals: 1, branches: "main" });
  });

  test("is for those who may write them, once of a name, and suggests what was meant", async () => {
    await environments.create(ann, { projectId: "q", name: "production" });
    const before = (await fixture.entries()).length;
    await expect(environments.create(dev, { projectId: "p", name: "x" })).rejects.toThrow(code("ACCESS_DENIED"));
    await expect(environments.change(dev, "p", "x", {})).rejects.toThrow(code("ACCESS_DENIED"));
    await expect(environments.remove(dev, "p", "x")).rejects.toThrow(code("ACCESS_DENIED"));
    await expect(environments.get(dev, "q", "production")).rejects.toThrow(code("ACCESS_DENIED"));
    const again = environments.create(ann, { projectId: "q", name: "production" });
    await expect(again).rejects.toThrow(code("ENVIRONMENT_NAME_TAKEN"));
    await expect(environments.get(ann, "q", "prodution")).rejects.toThrow('Did you mean "production"?');
    await expect(environments.remove(ann, "r", "production")).rejects.toThrow(code("ENVIRONMENT_UNKNOWN"));
    const invalid = environments.change(ann, "q", "production", { branches: ["a b"] });
    await expect(invalid).rejects.toThrow(code("ENVIRONMENT_INVALID"));
    expect(await fixture.entries()).toHaveLength(before);
    const both = await Promise.allSettled(
      [1, 2].map(() => environments.create(ann, { projectId: "q", name: "staging" })),
    );
    expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  });

  test("has approvers who could approve", async () => {
    const rules = { projectId: "r", name: "production", requiredApprovals: 1 };
    const stranger = environments.create(ann, { ...rules, approverIds: [dev.id] });
    await expect(stranger).rejects.toThrow("dev is no approver of the project");
    await expect(environments.create(ann, { ...rules, approverIds: ["nobody"] })).rejects.toThrow(code("USER_UNKNOWN"));
    await environments.create(ann, { ...rules, approverIds: [ann.id] });
  });

  test("of a job there is one approval, which those decide who are named", async () => {
    const bob = await fixture.person("bob", { r: "approver" });
    const request: ApprovalRequest = {
      ...{ projectId: "r", runId: "r1", subject: "ship", environment: "production" },
      kind: "job",
      ...{ digest: "abc", authorIds: [], approverIds: [ann.id] },
    };
    const asked = await Promise.all([approvals.request(ROOT, request), approvals.request(ROOT, request)]);
    expect(asked[0]?.id).toBe(asked[1]?.id);
    expect(await approvals.ofRun("r1")).toHaveLength(1);
    const id = asked[0]?.id ?? "";
    expect((await approvals.get(id)).approverIds).toEqual([ann.id]);
    await expect(approvals.decide(bob, id, "approve")).rejects.toThrow(code("APPROVAL_NOT_YOURS"));
    expect(await approvals.decide(ann, id, "approve")).toMatchObject({ status: "approved" });
    // Another job of the run, and a fork's run, have their own.
    await approvals.request(ROOT, { ...request, subject: "other" });
    await approvals.request(ROOT, { ...request, kind: "fork_run", subject: "" });
    await approvals.request(ROOT, { ...request, kind: "fork_run", subject: "" });
    await approvals.cancelOfRun(ROOT, "r1");
    expect((await approvals.ofRun("r1")).map(({ status }) => status)).toEqual([
      ...["approved", "cancelled", "cancelled", "cancelled"],
    ]);
  });
}
