import type { Permission } from "./permissions.ts";
import type { Role } from "./roles.ts";

/** Who asks: a person (signed in, or with a token of its own), a machine with its token, or this server itself. */
export interface Principal {
  readonly kind: "user" | "machine" | "system";
  /** Of the user, or of the machine's token. */
  readonly id: string;
  /** As the audit log names it: `user:ann`, `machine:deploy-bot`, `system:scheduler`. */
  readonly actorId: string;
  readonly isServerAdmin: boolean;
  /** Project id -> role. */
  readonly roles: ReadonlyMap<string, Role>;
  /** What a token may be used for at most; null: a session, which is not limited. */
  readonly permissions: ReadonlySet<Permission> | null;
  /** The projects a token may be used in; null: those of its roles. */
  readonly projectIds: ReadonlySet<string> | null;
  /** The token it came with. */
  readonly tokenId: string | null;
}

/** What the server does by itself: cron, recovery, retention. Not to be made from anything a request holds. */
export function systemPrincipal(component: string): Principal {
  return {
    kind: "system",
    id: component,
    actorId: `system:${component}`,
    isServerAdmin: true,
    roles: new Map(),
    permissions: null,
    projectIds: null,
    tokenId: null,
  };
}
