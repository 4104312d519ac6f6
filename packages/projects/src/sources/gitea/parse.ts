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

const SOURCE = "Gitea";

const repositorySchema = z.object({
  id: z.int(),
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

const deleteSchema = z.object({
  ref: refNameField,
  ref_type: z.enum(["branch", "tag"]),
  repository: repositorySchema,
  sender: senderSchema,
});

const sideSchema = z.object({ ref: refNameField, sha: shaField, repo_id: z.int() });

const pullRequestSchema = z.object({
  action: z.string(),
  number: numberField,
  pull_request: z.object({
    merged: z.optional(z.nullable(z.boolean())),
    // Of a fork that is gone the branch is a ref of the target repository.
    head: z.object({ ...sideSchema.shape, ref: z.string().check(z.maxLength(300)) }),
    base: sideSchema,
  }),
  repository: repositorySchema,
  sender: senderSchema,
});

const ACTIONS: Readonly<Record<string, PullRequestAction>> = {
  opened: "opened",
  synchronized: "updated",
  reopened: "reopened",
  closed: "closed",
};

export function parseGitea(request: WebhookRequest): ParsedWebhook {
  const event = header(request, "x-forgejo-event") ?? header(request, "x-gitea-event");
  if (event === null) throw new WaybillError("WEBHOOK_HEADER_MISSING", { header: "X-Gitea-Event", source: SOURCE });
  if (event === "push") return parsePush(jsonBody(request, SOURCE));
  if (event === "delete") return parseDelete(jsonBody(request, SOURCE));
  if (event === "pull_request" || event === "pull_request_sync") return parsePullRequest(jsonBody(request, SOURCE));
  // `create` among them: a push tells the same, with the commits.
  return ignored("an event that starts nothing");
}

function parsePush(body: unknown): ParsedWebhook {
  const { ref, before, after, head_commit: head, repository, sender } = checked(pushSchema, body, SOURCE);
  return refEvent({
    source: "gitea",
    repository: repositoryOf(repository),
    actor: sender?.login ?? "",
    ref,
    before,
    after,
    commit: head?.id ?? null,
  });
}

function parseDelete(body: unknown): ParsedWebhook {
  const { ref: name, ref_type: of, repository, sender } = checked(deleteSchema, body, SOURCE);
  const common = { source: "gitea", repository: repositoryOf(repository), actor: sender?.login ?? "" };
  return { events: [{ kind: "deletion", ...common, of, name }], ignored: null };
}

function parsePullRequest(body: unknown): ParsedWebhook {
  const { action, number, pull_request: pull, repository, sender } = checked(pullRequestSchema, body, SOURCE);
  const known = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  if (known === undefined) return ignored("something about a pull request that changes no commit");
  const { head, base } = pull;
  const named = refNameField.safeParse(head.ref);
  return {
    events: [
      {
        kind: "pull_request",
        source: "gitea",
        repository: repositoryOf(repository),
        actor: sender?.login ?? "",
        action: known,
        number,
        sha: head.sha,
        sourceBranch: named.success ? named.data : `pull-${number}`,
        targetBranch: base.ref,
        baseSha: base.sha,
        isFork: head.repo_id !== base.repo_id,
        isFromMember: null,
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
