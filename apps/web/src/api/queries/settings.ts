import { call, type Args } from "../client.ts";
import type { AuditEntry, Environment, Member, Secret, Session, System, Token, User } from "../generated/operations.ts";
import { keys } from "../keys.ts";
import type { Query } from "../query.ts";

interface List<Item> {
  readonly items: readonly Item[];
}

interface PageOf<Item> extends List<Item> {
  readonly next_cursor: string | null;
}

export function environmentsQuery(projectId: string): Query<List<Environment>> {
  return {
    queryKey: keys.environments(projectId),
    queryFn: ({ signal }) => call("listEnvironments", { params: { id: projectId }, signal }),
  };
}

/** Names and scopes: the server shows nobody a value. */
export function secretsQuery(projectId: string): Query<List<Secret>> {
  return {
    queryKey: keys.secrets(projectId),
    queryFn: ({ signal }) => call("listSecrets", { params: { id: projectId }, signal }),
  };
}

export function membersQuery(projectId: string): Query<List<Member>> {
  return {
    queryKey: keys.members(projectId),
    queryFn: ({ signal }) => call("listMembers", { params: { id: projectId }, signal }),
  };
}

export function machineTokensQuery(projectId: string): Query<List<Token>> {
  return {
    queryKey: keys.machineTokens(projectId),
    queryFn: ({ signal }) => call("listMachineTokens", { params: { id: projectId }, signal }),
  };
}

export function usersQuery(query: NonNullable<Args<"listUsers">["query"]>): Query<PageOf<User>> {
  return { queryKey: [...keys.users, query], queryFn: ({ signal }) => call("listUsers", { query, signal }) };
}

export function myTokensQuery(): Query<List<Token>> {
  return { queryKey: keys.myTokens, queryFn: ({ signal }) => call("listMyTokens", { signal }) };
}

export function mySessionsQuery(): Query<List<Session>> {
  return { queryKey: keys.mySessions, queryFn: ({ signal }) => call("listMySessions", { signal }) };
}

export function auditQuery(query: NonNullable<Args<"listAudit">["query"]>): Query<PageOf<AuditEntry>> {
  return { queryKey: [...keys.audit, query], queryFn: ({ signal }) => call("listAudit", { query, signal }) };
}

export function systemQuery(): Query<System> {
  return { queryKey: keys.system, queryFn: ({ signal }) => call("getSystem", { signal }) };
}
