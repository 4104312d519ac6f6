import * as z from "zod/mini";
import { openApiDocument } from "../http/openapi.ts";
import { defineRoute, type Route } from "../http/route.ts";
import { approvalRoutes } from "./access/approvals.ts";
import { auditRoutes } from "./access/audit.ts";
import { meRoutes } from "./access/me.ts";
import { environmentRoutes } from "./access/environments.ts";
import { memberRoutes } from "./access/members.ts";
import { secretRoutes } from "./access/secrets.ts";
import { signInPageRoutes } from "./access/sign-in-pages.ts";
import { signInRoutes } from "./access/sign-in.ts";
import { tokenRoutes } from "./access/tokens.ts";
import { userRoutes } from "./access/users.ts";
import { artifactContentRoutes } from "./artifact-contents.ts";
import { artifactListRoutes } from "./artifact-lists.ts";
import { artifactRoutes } from "./artifacts.ts";
import { eventRoutes } from "./events.ts";
import { executionRoutes } from "./executions.ts";
import { explanationRoutes } from "./explanations.ts";
import { healthRoutes } from "./health.ts";
import { jobLogViewRoutes } from "./job-log-views.ts";
import { jobRoutes } from "./jobs.ts";
import { metricsRoutes } from "./metrics.ts";
import { pipelineDefinitionRoutes } from "./pipeline-definitions.ts";
import { notificationRoutes } from "./notifications.ts";
import { pipelineHookRoutes } from "./pipeline-hook.ts";
import { pipelineStatisticsRoutes } from "./pipeline-statistics.ts";
import { pipelineRoutes } from "./pipelines.ts";
import { projectRoutes } from "./projects.ts";
import { repositoryCheckRoutes } from "./repository-checks.ts";
import { rerunRoutes } from "./reruns.ts";
import { searchRoutes } from "./search.ts";
import { runDetailRoutes } from "./run-details.ts";
import { runEnvironmentRoutes } from "./run-environment.ts";
import { runRoutes } from "./runs.ts";
import { storageRoutes } from "./storage.ts";
import { systemRoutes } from "./system.ts";
import { timelineRoutes } from "./timelines.ts";
import { webhookDeliveryRoutes } from "./webhook-deliveries.ts";
import { webhookReceiverRoutes } from "./webhook-receiver.ts";
import { webhookSecretRoutes } from "./webhook-secrets.ts";
import { webhookRoutes } from "./webhooks.ts";

const API_VERSION = "1";

const documented: readonly Route[] = [
  ...healthRoutes,
  ...metricsRoutes,
  ...projectRoutes,
  ...pipelineRoutes,
  ...pipelineDefinitionRoutes,
  ...pipelineStatisticsRoutes,
  ...pipelineHookRoutes,
  ...notificationRoutes,
  ...systemRoutes,
  ...repositoryCheckRoutes,
  ...runRoutes,
  ...runDetailRoutes,
  ...timelineRoutes,
  ...runEnvironmentRoutes,
  ...rerunRoutes,
  ...jobRoutes,
  ...jobLogViewRoutes,
  ...explanationRoutes,
  ...eventRoutes,
  ...searchRoutes,
  ...artifactRoutes,
  ...artifactListRoutes,
  ...artifactContentRoutes,
  ...storageRoutes,
  ...executionRoutes,
  ...webhookRoutes,
  ...webhookReceiverRoutes,
  ...webhookSecretRoutes,
  ...webhookDeliveryRoutes,
  ...signInRoutes,
  ...signInPageRoutes,
  ...meRoutes,
  ...userRoutes,
  ...memberRoutes,
  ...tokenRoutes,
  ...secretRoutes,
  ...environmentRoutes,
  ...approvalRoutes,
  ...auditRoutes,
];

const documentRoute = defineRoute({
  id: "getOpenApi",
  method: "GET",
  path: "/openapi.json",
  summary: "This document",
  tag: "server",
  access: null,
  responses: { 200: { description: "An OpenAPI 3.1 document", schema: z.record(z.string(), z.unknown()) } },
  handle: () => ({ status: 200, body: apiDocument() }),
});

/** Every route of the server: what serves them, what describes them and what checks who may call them is made of it. */
export const routes: readonly Route[] = [...documented, documentRoute];

export function apiDocument(): Readonly<Record<string, unknown>> {
  return openApiDocument(routes, API_VERSION);
}
