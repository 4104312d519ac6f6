import {
  isAtLeast,
  isPermission,
  PERMISSIONS,
  ROLES,
  SignInService,
  Passwords,
  Sessions,
  systemPrincipal,
  TokenService,
  type AccessStore,
  type Permission,
  type Role,
  type SignInLink,
} from "@waybill/access";
import { systemClock, WaybillError } from "@waybill/core";
import { openRunStore } from "@waybill/database";
import { loadSettings, type SettingPlaces } from "../settings/load-settings.ts";

/** Whoever may run commands on the server's data is its administrator already. */
const COMMAND_LINE = systemPrincipal("command-line");

export interface ServerTokenRequest {
  /** What the audit log calls the machine. */
  readonly name: string;
  /** Null: of the server, so for every project. */
  readonly projectId: string | null;
  readonly role: string;
  /** Empty: all that the role has. */
  readonly permissions: readonly string[];
  /** How long it lives; null: 90 days. */
  readonly days: number | null;
}

/**
 * Makes a machine's token on a server's data, whether or not a server runs on it.
 *
 * @returns its text, which is nowhere else
 * @throws WaybillError `TOKEN_INVALID`, `SERVER_SETTING_INVALID`, `STORE_*`
 */
export async function createServerToken(places: SettingPlaces, request: ServerTokenRequest): Promise<string> {
  const { name, projectId, days } = request;
  const role = ROLES.find((known) => known === request.role);
  if (role === undefined) throw invalid(`there is no role "${request.role}"; there are ${ROLES.join(", ")}`);
  const unknown = request.permissions.find((text) => !isPermission(text));
  if (unknown !== undefined) throw invalid(`there is no permission "${unknown}"`);
  const named = request.permissions.filter(isPermission);
  const permissions = named.length > 0 ? named : permissionsOf(role);
  const expiresAt = days === null ? undefined : systemClock.now() + days * 86_400_000;
  return await withAccess(places, async (store) => {
    const tokens = new TokenService(store);
    const life = expiresAt === undefined ? {} : { expiresAt };
    return (await tokens.createMachine(COMMAND_LINE, projectId, role, { name, permissions, ...life })).text;
  });
}

/**
 * A link with which a user signs in once, for whoever has no other way in. Where there is no user at all, the first
 * administrator is made.
 *
 * @throws WaybillError `USER_UNKNOWN`, `SERVER_SETTING_INVALID`, `STORE_*`
 */
export async function createSignInLink(places: SettingPlaces, userName: string): Promise<SignInLink> {
  return await withAccess(places, async (store) => {
    const signIn = new SignInService(store, new Passwords(), new Sessions(store));
    return (await signIn.bootstrap(COMMAND_LINE, userName)) ?? (await signIn.issueLink(COMMAND_LINE, userName));
  });
}

async function withAccess<Result>(
  places: SettingPlaces,
  work: (store: AccessStore) => Promise<Result>,
): Promise<Result> {
  const { database } = await loadSettings(places);
  const store = await openRunStore(database);
  try {
    return await work(await store.accessStore());
  } finally {
    await store.close();
  }
}

/** What is for machines alone is always named. */
function permissionsOf(role: Role): readonly Permission[] {
  return Object.keys(PERMISSIONS)
    .filter(isPermission)
    .filter((permission) => {
      const least = ROLES.find((known) => known === PERMISSIONS[permission]);
      return least !== undefined && isAtLeast(role, least);
    });
}

function invalid(detail: string): WaybillError {
  return new WaybillError("TOKEN_INVALID", { detail });
}
