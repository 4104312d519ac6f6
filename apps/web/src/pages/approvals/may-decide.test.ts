import { expect, test } from "vitest";
import type { Approval, Me } from "../../api/generated/operations.ts";
import { mayDecide } from "./may-decide.ts";

const ME: Me = {
  kind: "user",
  id: "1",
  actor: "user:ann",
  server_admin: false,
  roles: { p: "approver" },
  permissions: null,
  csrf_token: "x",
};

const APPROVAL: Approval = {
  id: "a",
  project_id: "p",
  run_id: "r",
  kind: "job",
  subject: "ship",
  environment: "production",
  digest: "",
  required: 2,
  approver_ids: [],
  author_ids: ["1"],
  may_author_approve: true,
  status: "pending",
  requested_by: "user:bob",
  requested_at: "2026-01-01T00:00:00.000Z",
  expires_at: null,
  settled_at: null,
  decisions: [],
};

const NO_ROLE = "This needs the role approver in the project; you are a viewer there.";

test.each([
  ["an approver", APPROVAL, ME, null, null],
  ["a viewer", APPROVAL, { ...ME, roles: { p: "viewer" as const } }, NO_ROLE, NO_ROLE],
  [
    "whose change it is, may only reject",
    { ...APPROVAL, may_author_approve: false },
    ME,
    "It is your own change: somebody else has to approve it.",
    null,
  ],
  [
    "who is not among the approvers, may only reject",
    { ...APPROVAL, approver_ids: ["2", "3"] },
    ME,
    "For production approve: user 2, user 3. You may still reject it.",
    null,
  ],
  ["who is among them", { ...APPROVAL, approver_ids: ["1"] }, ME, null, null],
  [
    "who has decided",
    { ...APPROVAL, decisions: [{ actor: "user:ann", verdict: "approve" as const, comment: "", decided_at: "" }] },
    ME,
    "You have decided already.",
    "You have decided already.",
  ],
])("%s", (_, approval, me, approve, reject) => {
  expect(mayDecide(approval, me, (id) => `user ${id}`)).toEqual({ approve, reject });
});
