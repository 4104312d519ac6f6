import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cancel, decide, expire, type ApprovalDecision, type ApprovalRecord } from "./approval.ts";

const PENDING: ApprovalRecord = {
  id: "a1",
  projectId: "p",
  runId: "r",
  kind: "deployment",
  subject: "web",
  environment: "prod",
  digest: "sha256:0",
  authorIds: ["author"],
  approverIds: [],
  required: 2,
  mayAuthorApprove: false,
  status: "pending",
  requestedBy: "user:author",
  requestedAt: 0,
  expiresAt: 1000,
  settledAt: null,
  decisions: [],
  version: 1,
};

function decision(userId: string, verdict: "approve" | "reject" = "approve", decidedAt = 5): ApprovalDecision {
  return { userId, actorId: `user:${userId}`, verdict, comment: "", decidedAt };
}

function code(name: string): unknown {
  return expect.objectContaining({ code: name });
}

describe("an approval", () => {
  test("is given when as many people as asked for have approved", () => {
    const first = decide(PENDING, decision("ann"));
    expect(first).toMatchObject({ status: "pending", settledAt: null, version: 2 });
    expect(decide(first, decision("bob"))).toMatchObject({ status: "approved", settledAt: 5, version: 3 });
  });

  test("takes one decision of each person", () => {
    const first = decide(PENDING, decision("ann"));
    expect(() => decide(first, decision("ann"))).toThrow(code("APPROVAL_NOT_YOURS"));
    expect(() => decide(first, decision("ann", "reject"))).toThrow(code("APPROVAL_NOT_YOURS"));
  });

  test("is not given by an author unless that is allowed; anybody may reject", () => {
    expect(() => decide(PENDING, decision("author"))).toThrow(code("APPROVAL_NOT_YOURS"));
    expect(decide(PENDING, decision("author", "reject")).status).toBe("rejected");
    const allowed = { ...PENDING, mayAuthorApprove: true, required: 1 };
    expect(decide(allowed, decision("author")).status).toBe("approved");
  });

  test("is given by those it names alone, and everybody may reject it", () => {
    const named = { ...PENDING, required: 1, approverIds: ["ann"] };
    expect(() => decide(named, decision("bob"))).toThrow("prod has other approvers");
    expect(decide(named, decision("ann")).status).toBe("approved");
    expect(decide(named, decision("bob", "reject")).status).toBe("rejected");
  });

  test("is over at its end, whether or not somebody has written that down", () => {
    expect(expire(PENDING, 999)).toBe(PENDING);
    expect(expire(PENDING, 1000)).toMatchObject({ status: "expired", settledAt: 1000 });
    expect(() => decide(PENDING, decision("ann", "approve", 1000))).toThrow(code("APPROVAL_CLOSED"));
    expect(() => cancel(PENDING, 1000)).toThrow(code("APPROVAL_CLOSED"));
    expect(expire({ ...PENDING, expiresAt: null }, 1e12).status).toBe("pending");
  });

  test("that is settled stays so, whatever comes in whatever order", () => {
    const people = fc.constantFrom("ann", "bob", "cem", "author");
    const steps = fc.oneof(
      fc.record({ userId: people, verdict: fc.constantFrom("approve", "reject") }),
      fc.constantFrom("cancel", "expire"),
    );
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 12 }), fc.integer({ min: 1, max: 3 }), (changes, required) => {
        let approval: ApprovalRecord = { ...PENDING, required };
        for (const [index, change] of changes.entries()) {
          const before = approval;
          try {
            approval =
              change === "cancel"
                ? cancel(approval, index)
                : change === "expire"
                  ? expire(approval, 1000)
                  : decide(approval, decision(change.userId, change.verdict, index));
          } catch {
            expect(approval).toBe(before);
          }
          if (before.status !== "pending") expect(approval).toBe(before);
        }
        const approvals = approval.decisions.filter(({ verdict }) => verdict === "approve");
        expect(approval.status === "approved").toBe(
          approvals.length >= required && !approval.decisions.some(({ verdict }) => verdict === "reject"),
        );
        expect(new Set(approval.decisions.map(({ userId }) => userId)).size).toBe(approval.decisions.length);
        expect(approvals.some(({ userId }) => userId === "author")).toBe(false);
        expect(approval.settledAt === null).toBe(approval.status === "pending");
      }),
    );
  });
});
