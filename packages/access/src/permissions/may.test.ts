import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { authorize, may, projectsWhere } from "./may.ts";
import { ALL_PERMISSIONS, PERMISSIONS, type Permission } from "./permissions.ts";
import type { Principal } from "./principal.ts";
import { ROLES, type Role } from "./roles.ts";

function user(change: Partial<Principal> = {}): Principal {
  return {
    kind: "user",
    id: "1",
    actorId: "user:ann",
    isServerAdmin: false,
    roles: new Map(),
    permissions: null,
    projectIds: null,
    tokenId: null,
    ...change,
  };
}

/** Written out, so that a change of the table shows here as what it means for people. */
const MATRIX: Readonly<Record<Permission, string>> = {
  "projects:read": "viewer developer approver admin",
  "pipelines:read": "viewer developer approver admin",
  "runs:read": "viewer developer approver admin",
  "logs:read": "viewer developer approver admin",
  "artifacts:read": "viewer developer approver admin",
  "environments:read": "viewer developer approver admin",
  "members:read": "viewer developer approver admin",
  "runs:trigger": "developer approver admin",
  "runs:cancel": "developer approver admin",
  "runs:rerun": "developer approver admin",
  "secrets:list": "developer approver admin",
  "approvals:decide": "approver admin",
  "projects:write": "admin",
  "pipelines:write": "admin",
  "environments:write": "admin",
  "members:write": "admin",
  "secrets:write": "admin",
  "tokens:manage": "admin",
  "audit:read": "admin",
  "metrics:read": "admin",
  "tokens:own": "none viewer developer approver admin",
  "executions:report": "",
  "webhooks:receive": "",
  "users:manage": "",
  "server:admin": "",
};

describe("roles", () => {
  test.each(ALL_PERMISSIONS)("%s", (permission) => {
    const allowed = ["none", ...ROLES].filter((role) => {
      const roles = new Map(role === "none" ? [] : [["p", role as Role]]);
      return may(user({ roles }), permission, "p");
    });
    expect(allowed.join(" ")).toBe(MATRIX[permission]);
  });

  test("a role counts in its own project alone", () => {
    const ann = user({ roles: new Map([["p", "admin"]]) });
    expect(ALL_PERMISSIONS.filter((permission) => may(ann, permission, "q"))).toEqual(["tokens:own"]);
    expect(ALL_PERMISSIONS.filter((permission) => may(ann, permission, null))).toEqual(["tokens:own"]);
  });

  test("an administrator of the server may everything but what is machines' own", () => {
    const root = user({ isServerAdmin: true });
    const denied = ALL_PERMISSIONS.filter((permission) => !may(root, permission, "p") || !may(root, permission, null));
    expect(denied).toEqual(["executions:report", "webhooks:receive"]);
  });
});

const principals = fc.record({
  kind: fc.constantFrom("user", "machine"),
  isServerAdmin: fc.boolean(),
  roles: fc.array(fc.tuple(fc.constantFrom("p", "q", "r"), fc.constantFrom(...ROLES))).map((pairs) => new Map(pairs)),
  permissions: fc.option(fc.subarray([...ALL_PERMISSIONS]).map((names) => new Set(names))),
  projectIds: fc.option(fc.subarray(["p", "q", "r"]).map((names) => new Set(names))),
});
const questions = { permission: fc.constantFrom(...ALL_PERMISSIONS), projectId: fc.constantFrom("p", "q", "r", null) };

describe("whatever the principal", () => {
  test("a token never may what its owner may not, but machines' own permissions", () => {
    fc.assert(
      fc.property(principals, fc.record(questions), (parts, { permission, projectId }) => {
        if (PERMISSIONS[permission] === "machine") return;
        const token = user(parts);
        const owner = user({ ...parts, permissions: null, projectIds: null });
        if (may(token, permission, projectId)) expect(may(owner, permission, projectId)).toBe(true);
      }),
    );
  });

  test("a higher role never takes anything away", () => {
    const steps = fc.constantFrom(0, 1, 2);
    fc.assert(
      fc.property(principals, fc.record(questions), steps, (parts, { permission, projectId }, step) => {
        const lower = user({ ...parts, roles: new Map([["p", ROLES[step] ?? "viewer"]]) });
        const higher = user({ ...parts, roles: new Map([["p", ROLES[step + 1] ?? "admin"]]) });
        if (may(lower, permission, projectId)) expect(may(higher, permission, projectId)).toBe(true);
      }),
    );
  });

  test("lists show the projects in which the same question has the answer yes", () => {
    fc.assert(
      fc.property(principals, questions.permission, (parts, permission) => {
        if (PERMISSIONS[permission] === "person" || PERMISSIONS[permission] === "machine") return;
        const principal = user(parts);
        const listed = projectsWhere(principal, permission);
        const known = new Set([...principal.roles.keys(), ...(principal.projectIds ?? [])]);
        for (const projectId of known) {
          expect(listed === "all" || listed.has(projectId)).toBe(may(principal, permission, projectId));
        }
      }),
    );
  });
});

test("nobody and somebody without the right are told different things", () => {
  expect(() => authorize(null, "runs:read", "p")).toThrow(expect.objectContaining({ code: "AUTH_REQUIRED" }));
  expect(() => authorize(user(), "runs:read", "p")).toThrow(expect.objectContaining({ code: "ACCESS_DENIED" }));
  const ann = user({ roles: new Map([["p", "viewer"]]) });
  expect(authorize(ann, "runs:read", "p")).toBe(ann);
});
