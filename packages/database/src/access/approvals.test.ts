import { ApprovalService, type ApprovalRequest, type Principal } from "@waybill/access";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PostgresDatabase } from "../../../../test/support/postgres-database.ts";
import { describeWith } from "../../../../test/support/requires.ts";
import { AccessFixture, ROOT, sqlitePlace, type AccessPlace } from "../testing/access-fixture.ts";

describe("SQLite", () => {
  approvalTests(sqlitePlace);
});

describeWith("postgres", "PostgreSQL", () => {
  approvalTests(async () => {
    const database = await PostgresDatabase.borrow();
    return { address: database.url, dispose: () => database.giveBack() };
  });
});

function code(name: string): unknown {
  return expect.objectContaining({ code: name });
}

function approvalTests(makePlace: () => Promise<AccessPlace>): void {
  let place: AccessPlace;
  let fixture: AccessFixture;
  let approvals: ApprovalService;
  let ann: Principal;
  let bob: Principal;

  beforeEach(async () => {
    place = await makePlace();
    fixture = await AccessFixture.open(place.address);
    approvals = new ApprovalService(fixture.store, fixture.clock);
    ann = await fixture.person("ann", { p: "approver" });
    bob = await fixture.person("bob", { p: "admin" });
  });

  afterEach(async () => {
    await fixture.runs.close();
    await place.dispose();
  });

  function request(change: Partial<ApprovalRequest> = {}): ApprovalRequest {
    return {
      projectId: "p",
      runId: "r1",
      kind: "deployment",
      subject: "web",
      environment: "prod",
      digest: "sha256:0",
      authorIds: [],
      ...change,
    };
  }

  test("is asked for, given and told of", async () => {
    const { id } = await approvals.request(ROOT, request({ required: 2 }));
    await approvals.decide(ann, id, "approve", "looks good");
    expect(await approvals.pending(["p"], 10)).toHaveLength(1);
    const settled = await approvals.decide(bob, id, "approve");
    expect(settled).toMatchObject({ status: "approved", settledAt: fixture.clock.now() });
    expect(await approvals.get(id)).toEqual(settled);
    expect(settled.decisions.map(({ actorId, comment }) => [actorId, comment])).toEqual([
      ["user:ann", "looks good"],
      ["user:bob", ""],
    ]);
    expect(await approvals.pending(["p"], 10)).toEqual([]);
    const told = (await fixture.entries()).slice(-3);
    expect(told.map(({ action, actorId, context }) => [action, actorId, context["digest"]])).toEqual([
      ["APPROVAL_REQUESTED", "system:test", "sha256:0"],
      ["APPROVAL_GRANTED", "user:ann", "sha256:0"],
      ["APPROVAL_GRANTED", "user:bob", "sha256:0"],
    ]);
  });

  test("is decided by people who may, and not by the author's own approval", async () => {
    const dev = await fixture.person("dev", { p: "developer", q: "approver" });
    const { id } = await approvals.request(ROOT, request({ authorIds: [ann.id] }));
    await expect(approvals.decide(dev, id, "approve")).rejects.toThrow(code("ACCESS_DENIED"));
    await expect(approvals.decide(dev, id, "reject")).rejects.toThrow(code("ACCESS_DENIED"));
    await expect(approvals.decide(ann, id, "approve")).rejects.toThrow(code("APPROVAL_NOT_YOURS"));
    await expect(approvals.decide(ROOT, id, "approve")).rejects.toThrow(code("APPROVAL_NOT_YOURS"));
    const { text } = await fixture.tokens.createMachine(bob, "p", "approver", {
      name: "bot",
      permissions: ["approvals:decide"],
    });
    const bot = (await fixture.tokens.authenticate(text)) as Principal;
    await expect(approvals.decide(bot, id, "approve")).rejects.toThrow(code("APPROVAL_NOT_YOURS"));
    await expect(approvals.decide(ann, "none", "approve")).rejects.toThrow(code("APPROVAL_UNKNOWN"));
    expect((await approvals.decide(ann, id, "reject")).status).toBe("rejected");
    await expect(approvals.decide(bob, id, "approve")).rejects.toThrow(code("APPROVAL_CLOSED"));
  });

  test("counts each of many who decide at once, and settles once", async () => {
    const people = await Promise.all(
      Array.from({ length: 6 }, (_, index) => fixture.person(`p${index}`, { p: "approver" })),
    );
    const { id } = await approvals.request(ROOT, request({ required: 4 }));
    const results = await Promise.allSettled(people.map((person) => approvals.decide(person, id, "approve")));
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(4);
    for (const result of results.filter(({ status }) => status === "rejected")) {
      expect(result).toMatchObject({ reason: { code: "APPROVAL_CLOSED" } });
    }
    expect(await approvals.get(id)).toMatchObject({ status: "approved", version: 5 });
    expect((await fixture.actions()).filter((action) => action.startsWith("APPROVAL_GRANTED"))).toHaveLength(4);
  });

  test("ends in time, and when its run does", async () => {
    const expiresAt = fixture.clock.now() + 1000;
    const late = await approvals.request(ROOT, request({ expiresAt }));
    const gone = await approvals.request(ROOT, request({ kind: "fork_run" }));
    expect((await approvals.cancel(ROOT, gone.id)).status).toBe("cancelled");
    expect(await approvals.expireDue(ROOT)).toEqual([]);
    fixture.clock.advance(1000);
    expect((await approvals.get(late.id)).status).toBe("expired");
    expect(await approvals.pending(null, 10)).toEqual([]);
    await expect(approvals.decide(ann, late.id, "approve")).rejects.toThrow(code("APPROVAL_CLOSED"));
    const [first, second] = await Promise.all([approvals.expireDue(ROOT), approvals.expireDue(ROOT)]);
    expect([...first, ...second].map(({ id }) => id)).toEqual([late.id]);
    expect((await approvals.ofRun("r1")).map(({ status }) => status)).toEqual(["expired", "cancelled"]);
  });

  test.each([{ required: 0 }, { required: 11 }, { required: 1.5 }, { expiresAt: 0 }])(
    "is not asked for in a way that nobody could give it: %o",
    async (change) => {
      await expect(approvals.request(ROOT, request(change))).rejects.toThrow(code("APPROVAL_INVALID"));
    },
  );
}
