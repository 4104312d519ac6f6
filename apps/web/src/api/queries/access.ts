import { call } from "../client.ts";
import type { Approval, Me, Notifications } from "../generated/operations.ts";
import { keys } from "../keys.ts";
import type { Query } from "../query.ts";

export function meQuery(): Query<Me> {
  return { queryKey: keys.me, queryFn: ({ signal }) => call("getMe", { signal }) };
}

export interface SignInWays {
  /** Whether there is an identity provider to sign in with. */
  readonly oidc: boolean;
}

export function signInWaysQuery(): Query<SignInWays> {
  return { queryKey: keys.signIn, queryFn: ({ signal }) => call("getSignInWays", { signal }) };
}

/** What waits to be approved, the oldest first. */
export function approvalsQuery(): Query<{ readonly items: readonly Approval[] }> {
  return { queryKey: keys.approvals, queryFn: ({ signal }) => call("listApprovals", { signal }) };
}

/** What waits for the person at the screen: approvals to decide on, own runs that failed within a week. */
export function notificationsQuery(): Query<Notifications> {
  return { queryKey: keys.notifications, queryFn: ({ signal }) => call("listNotifications", { signal }) };
}
