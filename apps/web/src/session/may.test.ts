import { expect, test } from "vitest";
import type { Me } from "../api/generated/operations.ts";
import { allowance } from "./may.ts";
import { safeReturn } from "./session.ts";

const ME: Me = {
  kind: "user",
  id: "1",
  actor: "user:ann",
  server_admin: false,
  roles: { p: "developer", q: "viewer" },
  permissions: null,
  csrf_token: "x",
};

test.each([
  ["a role that is enough", ME, "cancelRun", "p", null],
  ["one that is not", ME, "cancelRun", "q", "This needs the role developer in the project; you are a viewer there."],
  ["none", ME, "cancelRun", "r", "This needs the role developer in the project; you have no role there."],
  ["of no project", ME, "cancelRun", null, "Only an administrator of the server may do this."],
  ["an administrator", { ...ME, server_admin: true }, "cancelRun", null, null],
  [
    "a token without it",
    { ...ME, permissions: ["runs:read"] },
    "cancelRun",
    "p",
    "Your token does not have the permission runs:cancel.",
  ],
  ["one's own things", ME, "createMyToken", null, null],
  [
    "a machine's",
    { ...ME, server_admin: true },
    "receiveGitPush",
    null,
    "Only an administrator of the server may do this.",
  ],
  ["nobody", undefined, "cancelRun", "p", "You are not signed in."],
] as const)("%s", (_, me, operation, project, reason) => {
  expect(allowance(me, operation, project)).toEqual(
    reason === null ? { isAllowed: true } : { isAllowed: false, reason },
  );
});

test.each([
  ["/runs/1?line=3", "/runs/1?line=3"],
  ["//evil.example.com", "/"],
  ["/\\evil.example.com", "/"],
  ["https://evil.example.com", "/"],
  ["/sign-in", "/"],
  [undefined, "/"],
])("signing in leads from %s to %s", (given, to) => expect(safeReturn(given)).toBe(to));
