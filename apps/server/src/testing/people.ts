import { systemPrincipal, type Permission, type Role } from "@waybill/access";
import type { TestCaller, TestServer } from "./test-server.ts";

const TEST = systemPrincipal("test");

export interface TestPerson extends TestCaller {
  readonly id: string;
  readonly name: string;
  /** `Cookie` of the session. */
  readonly cookie: string;
  readonly csrfToken: string;
}

/** Somebody with these roles, signed in. @param roles project id to role */
export async function signedIn(
  server: TestServer,
  name: string,
  roles: Readonly<Record<string, Role>> = {},
  isServerAdmin = false,
): Promise<TestPerson> {
  const { users, signIn, cookies } = server.services.access;
  const { id } = await users.create(TEST, { name, isServerAdmin });
  for (const [projectId, role] of Object.entries(roles)) await users.grant(TEST, projectId, id, role);
  const { token } = await signIn.issueLink(TEST, name);
  const opened = await signIn.withLink(token, { address: "127.0.0.1", userAgent: "a test" });
  const cookie = cookies.session.set(opened.cookie).split(";")[0] ?? "";
  const { csrfToken } = opened;
  return { ...server.as({ cookie, "x-csrf-token": csrfToken }), id, name, cookie, csrfToken };
}

/** A machine of a project, or of the server. */
export async function machine(
  server: TestServer,
  name: string,
  projectId: string | null,
  permissions: readonly Permission[],
): Promise<TestCaller> {
  const { tokens } = server.services.access;
  const { text } = await tokens.createMachine(TEST, projectId, "admin", { name, permissions });
  return server.as({ authorization: `Bearer ${text}` });
}
