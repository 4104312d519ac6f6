import type { Principal } from "../permissions/principal.ts";
import type { UserTable } from "../ports.ts";
import type { UserRecord } from "../records.ts";

/** A user as one who asks, with no limits of a token. */
export async function principalOfUser(users: UserTable, user: UserRecord): Promise<Principal> {
  return {
    kind: "user",
    id: user.id,
    actorId: `user:${user.name}`,
    isServerAdmin: user.isServerAdmin,
    roles: await users.roles(user.id),
    permissions: null,
    projectIds: null,
    tokenId: null,
  };
}
