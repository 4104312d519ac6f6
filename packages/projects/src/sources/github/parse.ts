import { WaybillError } from "@waybill/core";
import type { PullRequestAction } from "@waybill/pipeline";
import * as z from "zod/mini";
import type { EventRepository } from "../../triggers/trigger-event.ts";
import {
  actorField,
  addressField,
  fullRefField,
  numberField,
  refNameField,
  repositoryNameField,
  shaField,
} from "../payload-fields.ts";
import { refEvent } from "../ref-event.ts";
import { checked, header, ignored, jsonBody } from "../request.ts";
import type { ParsedWebhook, WebhookRequest } from "../source.ts";

const SOURCE = "GitHub";

const repositorySchema = z.object({
  full_name: repositoryNameField,
  clone_url: z.optional(addressField),
  ssh_url: z.optional(addressField),
  html_url: z.optional(addressField),
});

const senderSchema = z.optional(z.object({ login: actorField }));

const pushSchema = z.object({
  ref: fullRefField,
  before: shaField,
  after: shaField,
  head_commit: z.optional(z.nullable(z.object({ id: shaField }))),
  repository: repositorySchema,
  sender: senderSchema,
});

const pullRequestSchema = z.object({
  action: z.string(),
  number: numberField,
  pull_request: z.object({
    merged: z.optional(z.nullable(z.boolean())),
    author_association: z.optional(z.string()),
    head: z.object({
      ref: refNameField,
      sha: shaField,
      // Null: the fork is gone.
      repo: z.nullable(z.object({ full_name: repositoryNameField })),
    }),
    base: z.object({ ref: refNameField, sha: shaField }),
  }),
  repository: repositorySchema,
  sender: senderSchema,
});

const ACTIONS: Readonly<Record<string, PullRequestAction>> = {
  opened: "opened",
  synchronize: "updated",
  reopened: "reopened",
  closed: "closed",
};

const MEMBERS: readonly string[] = ["OWNER", "MEMBER", "COLLABORATOR"];

export function parseGithub(request: WebhookRequest): ParsedWebhook {
  const event = header(request, "x-github-event");
  if (event === null) throw new WaybillError("WEBHOOK_HEADER_MISSING", { header: "X-GitHub-Event", source: SOURCE });
  if (event === "ping") return ignored("a ping: the webhook works");
  if (event === "push") return parsePush(jsonBody(request, SOURCE));
  if (event === "pull_request") return parsePullRequest(jsonBody(request, SOURCE));
  return ignored("an event that starts nothing");
}

function parsePush(body: unknown): ParsedWebhook {
  const { ref, before, after, head_commit: head, repository, sender } = checked(pushSchema, body, SOURCE);
  return refEvent({
    source: "github",
    repository: repositoryOf(repository),
    actor: sender?.login ?? "",
    ref,
    before,
    after,
    commit: head?.id ?? null,
  });
}

function parsePullRequest(body: unknown): ParsedWebhook {
  const { action, number, pull_request: pull, repository, sender } = checked(pullRequestSchema, body, SOURCE);
  const known = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  if (known === undefined) return ignored("something about a pull request that changes no commit");
  const { head, base } = pull;
  return {
    events: [
      {
        kind: "pull_request",
        source: "github",
        repository: repositoryOf(repository),
        actor: sender?.login ?? "",
        action: known,
        number,
        sha: head.sha,
        sourceBranch: head.ref,
        targetBranch: base.ref,
        baseSha: base.sha,
        isFork: head.repo?.full_name.toLowerCase() !== repository.full_name.toLowerCase(),
        isFromMember: pull.author_association === undefined ? null : MEMBERS.includes(pull.author_association),
        fetchRef: `refs/pull/${number}/head`,
        isMerged: pull.merged === true,
      },
    ],
    ignored: null,
  };
}

function repositoryOf({ full_name: name, ...urls }: z.infer<typeof repositorySchema>): EventRepository {
  return { name, urls: [urls.clone_url, urls.ssh_url, urls.html_url].flatMap((url) => url ?? []) };
}
