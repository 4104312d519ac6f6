import * as z from "zod/mini";
import { parseRef } from "../../triggers/git-names.ts";
import type { EventRepository } from "../../triggers/trigger-event.ts";
import { actorField, addressField, fullRefField, repositoryNameField, shaField } from "../payload-fields.ts";
import { refEvent } from "../ref-event.ts";
import { checked, ignored, invalid, jsonBody } from "../request.ts";
import type { ParsedWebhook, WebhookRequest } from "../source.ts";

/*
 * `{"type": "git.push", "data": {"repository": {"name", "url"}, "ref", "before", "after", "actor"}}` tells what git
 * tells a hook; `{"type": "pipeline.trigger", "data": {"repository", "ref" | "sha", "inputs", "actor"}}` asks for a run.
 */

const SOURCE = "a generic webhook";

const typeSchema = z.object({ type: z.string().check(z.maxLength(100)) });

const repositorySchema = z.object({ name: repositoryNameField, url: z.optional(addressField) });

const pushSchema = z.object({
  data: z.object({
    repository: repositorySchema,
    ref: fullRefField,
    before: shaField,
    after: shaField,
    actor: z.optional(actorField),
  }),
});

const triggerSchema = z.object({
  data: z.object({
    repository: repositorySchema,
    ref: z.optional(fullRefField),
    sha: z.optional(shaField),
    inputs: z.optional(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))),
    actor: z.optional(actorField),
  }),
});

export function parseGeneric(request: WebhookRequest): ParsedWebhook {
  const body = jsonBody(request, SOURCE);
  const { type } = checked(typeSchema, body, SOURCE);
  if (type === "ping") return ignored("a ping: the webhook works");
  if (type === "git.push") return parsePush(body);
  if (type === "pipeline.trigger") return parseTrigger(body);
  return ignored("an event that starts nothing");
}

function parsePush(body: unknown): ParsedWebhook {
  const { repository, actor = "", ...update } = checked(pushSchema, body, SOURCE).data;
  return refEvent({ source: "generic", repository: repositoryOf(repository), actor, ...update, commit: null });
}

function parseTrigger(body: unknown): ParsedWebhook {
  const { repository, ref, sha, inputs = {}, actor = "" } = checked(triggerSchema, body, SOURCE).data;
  const parsed = ref === undefined ? null : parseRef(ref);
  if (ref !== undefined && parsed === null) throw invalid(SOURCE, "data.ref is no valid name of a branch or tag");
  return {
    events: [
      {
        kind: "webhook",
        source: "generic",
        repository: repositoryOf(repository),
        actor,
        branch: parsed?.kind === "branch" ? parsed.name : null,
        tag: parsed?.kind === "tag" ? parsed.name : null,
        sha: sha ?? null,
        inputs,
      },
    ],
    ignored: null,
  };
}

function repositoryOf({ name, url }: z.infer<typeof repositorySchema>): EventRepository {
  return { name, urls: url === undefined ? [] : [url] };
}
