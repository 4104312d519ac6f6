import * as z from "zod/mini";
import { defineRoute, type Route } from "../http/route.ts";
import { receivePush } from "../triggers/receive-push.ts";
import { named } from "./schemas.ts";

const objectName = z.string().check(z.regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/));

const outcome = named(
  "PushOutcome",
  z.object({
    runs: z.array(z.object({ id: z.uuid(), number: z.int(), pipeline_id: z.uuid(), pipeline: z.string() })),
    problems: z.array(z.object({ pipeline: z.string(), ref: z.string(), code: z.string(), detail: z.string() })),
    skipped: z.array(z.object({ pipeline: z.string(), ref: z.string(), detail: z.string() })),
  }),
);

/** Refs of one push that are looked at. */
const MAX_UPDATES = 100;

export const webhookRoutes: readonly Route[] = [
  defineRoute({
    id: "receiveGitPush",
    method: "POST",
    path: "/webhooks/git",
    summary: "What a post-receive hook of a plain Git repository tells: starts the pipelines of that repository",
    tag: "webhooks",
    access: { permission: "webhooks:receive", on: "projects" },
    isRepeatable: true,
    body: z.strictObject({
      repository: z.string().check(z.maxLength(2048)),
      updates: z
        .array(z.strictObject({ old: objectName, new: objectName, ref: z.string().check(z.maxLength(250)) }))
        .check(z.maxLength(MAX_UPDATES)),
    }),
    responses: { 202: { description: "The runs that were started", schema: outcome } },
    async handle({ body, projects }, services) {
      return { status: 202, body: await receivePush(services, body.repository, body.updates, projects) };
    },
  }),
];
