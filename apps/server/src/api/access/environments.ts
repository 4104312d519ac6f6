import {
  MAX_APPROVERS,
  MAX_BRANCH_PATTERN,
  MAX_BRANCH_PATTERNS,
  MAX_DESCRIPTION,
  MAX_REQUIRED,
  type EnvironmentRecord,
} from "@waybill/access";
import { ENVIRONMENT_NAME_PATTERN, MAX_ENVIRONMENT_NAME_LENGTH } from "@waybill/core";
import * as z from "zod/mini";
import type { AccessServices } from "../../access/open-access.ts";
import { principalOf } from "../../access/guard.ts";
import { defineRoute, type Route } from "../../http/route.ts";
import { idParams, named, time, timeOf } from "../schemas.ts";

const environment = named(
  "Environment",
  z.object({
    id: z.uuid(),
    project_id: z.uuid(),
    name: z.string(),
    description: z.string(),
    /** Patterns of branches, or of whole refs where they begin with `refs/`; empty: every ref. */
    branches: z.array(z.string()),
    /** How many people have to approve each job; 0: nobody is asked. */
    required_approvals: z.int(),
    /** Names of the users who may approve; empty: whoever may approve in the project. */
    approvers: z.array(z.string()),
    prevent_self_approval: z.boolean(),
    created_at: time,
    updated_at: time,
    updated_by: z.string(),
  }),
);
type EnvironmentJson = z.infer<typeof environment>;

const environmentName = z
  .string()
  .check(z.minLength(1), z.maxLength(MAX_ENVIRONMENT_NAME_LENGTH), z.regex(ENVIRONMENT_NAME_PATTERN));

const rules = {
  description: z.optional(z.string().check(z.maxLength(MAX_DESCRIPTION))),
  branches: z.optional(
    z.array(z.string().check(z.maxLength(MAX_BRANCH_PATTERN))).check(z.maxLength(MAX_BRANCH_PATTERNS)),
  ),
  required_approvals: z.optional(z.int().check(z.minimum(0), z.maximum(MAX_REQUIRED))),
  /** Names or ids of users. */
  approvers: z.optional(z.array(z.string().check(z.minLength(1), z.maxLength(128))).check(z.maxLength(MAX_APPROVERS))),
  prevent_self_approval: z.optional(z.boolean()),
};
const change = z.strictObject(rules);

const environmentParams = z.object({ id: z.uuid(), name: environmentName });

export const environmentRoutes: readonly Route[] = [
  defineRoute({
    id: "listEnvironments",
    method: "GET",
    path: "/v1/projects/{id}/environments",
    summary: "The environments of a project and what each asks for, by name",
    tag: "environments",
    access: { permission: "environments:read", on: "project" },
    params: idParams,
    responses: { 200: { description: "All of them", schema: z.object({ items: z.array(environment) }) } },
    async handle({ params }, { access }) {
      const environments = await access.environments.ofProject(params.id);
      return { status: 200, body: { items: await Promise.all(environments.map((each) => toJson(access, each))) } };
    },
  }),
  defineRoute({
    id: "createEnvironment",
    method: "POST",
    path: "/v1/projects/{id}/environments",
    summary: "Make an environment, with the rules that a job which names it has to meet",
    tag: "environments",
    access: { permission: "environments:write", on: "project" },
    isRepeatable: true,
    params: idParams,
    body: z.strictObject({ name: environmentName, ...rules }),
    responses: { 201: { description: "It was made", schema: environment } },
    async handle(request, { access }) {
      const { name, ...given } = request.body;
      const projectId = request.params.id;
      const changes = await changesOf(access, given);
      const made = await access.environments.create(principalOf(request), { projectId, name, ...changes });
      const location = `/v1/projects/${projectId}/environments/${name}`;
      return { status: 201, body: await toJson(access, made), headers: { location } };
    },
  }),
  defineRoute({
    id: "getEnvironment",
    method: "GET",
    path: "/v1/projects/{id}/environments/{name}",
    summary: "One environment",
    tag: "environments",
    access: { permission: "environments:read", on: "project" },
    params: environmentParams,
    responses: { 200: { description: "The environment", schema: environment } },
    async handle(request, { access }) {
      const { id, name } = request.params;
      return { status: 200, body: await toJson(access, await access.environments.get(principalOf(request), id, name)) };
    },
  }),
  defineRoute({
    id: "changeEnvironment",
    method: "PATCH",
    path: "/v1/projects/{id}/environments/{name}",
    summary: "Change what an environment asks for; what is not said stays as it is",
    tag: "environments",
    access: { permission: "environments:write", on: "project" },
    params: environmentParams,
    body: change,
    responses: { 200: { description: "As it is now", schema: environment } },
    async handle(request, { access }) {
      const { id, name } = request.params;
      const changes = await changesOf(access, request.body);
      const changed = await access.environments.change(principalOf(request), id, name, changes);
      return { status: 200, body: await toJson(access, changed) };
    },
  }),
  defineRoute({
    id: "removeEnvironment",
    method: "DELETE",
    path: "/v1/projects/{id}/environments/{name}",
    summary: "Delete an environment; its secrets stay, and jobs that wait for its approval are refused",
    tag: "environments",
    access: { permission: "environments:write", on: "project" },
    params: environmentParams,
    responses: { 204: { description: "It is gone", schema: null } },
    async handle(request, { access }) {
      const { id, name } = request.params;
      await access.environments.remove(principalOf(request), id, name);
      return { status: 204, body: undefined };
    },
  }),
];

type Change = Parameters<AccessServices["environments"]["change"]>[3];

/** @throws WaybillError `USER_UNKNOWN` */
async function changesOf({ users }: AccessServices, given: z.infer<typeof change>): Promise<Change> {
  const { description, branches, required_approvals: required, approvers, prevent_self_approval: prevent } = given;
  const ids = approvers === undefined ? undefined : await Promise.all(approvers.map((user) => users.find(user)));
  return {
    ...(description === undefined ? {} : { description }),
    ...(branches === undefined ? {} : { branches }),
    ...(required === undefined ? {} : { requiredApprovals: required }),
    ...(ids === undefined ? {} : { approverIds: [...new Set(ids.map(({ id }) => id))] }),
    ...(prevent === undefined ? {} : { preventSelfApproval: prevent }),
  };
}

async function toJson({ users }: AccessServices, of: EnvironmentRecord): Promise<EnvironmentJson> {
  return {
    id: of.id,
    project_id: of.projectId,
    name: of.name,
    description: of.description,
    branches: [...of.branches],
    required_approvals: of.requiredApprovals,
    approvers: await Promise.all(of.approverIds.map(async (id) => (await users.find(id)).name)),
    prevent_self_approval: of.preventSelfApproval,
    created_at: timeOf(of.createdAt),
    updated_at: timeOf(of.updatedAt),
    updated_by: of.updatedBy,
  };
}
