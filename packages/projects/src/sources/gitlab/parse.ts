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
import { checked, ignored, jsonBody } from "../request.ts";
import type { ParsedWebhook, WebhookRequest } from "../source.ts";

const SOURCE = "GitLab";

const kindSchema = z.object({ object_kind: z.string() });

const projectSchema = z.object({
  path_with_namespace: repositoryNameField,
  git_http_url: z.optional(addressField),
  git_ssh_url: z.optional(addressField),
  web_url: z.optional(addressField),
});

const pushSchema = z.object({
  ref: fullRefField,
  before: shaField,
  after: shaField,
  /** The commit, also of a tag with a message. */
  checkout_sha: z.optional(z.nullable(shaField)),
  user_username: z.optional(actorField),
  project: projectSchema,
});

const mergeRequestSchema = z.object({
  user: z.optional(z.object({ username: actorField })),
  project: projectSchema,
  object_attributes: z.object({
    iid: numberField,
    action: z.optional(z.string()),
    /** Only where an update brought commits. */
    oldrev: z.optional(z.string()),
    source_branch: refNameField,
    target_branch: refNameField,
    source_project_id: z.optional(z.nullable(z.int())),
    target_project_id: z.int(),
    last_commit: z.object({ id: shaField }),
  }),
});

const ACTIONS: Readonly<Record<string, PullRequestAction>> = {
  open: "opened",
  update: "updated",
  reopen: "reopened",
  close: "closed",
  merge: "closed",
};

export function parseGitlab(request: WebhookRequest): ParsedWebhook {
  const body = jsonBody(request, SOURCE);
  // The kind stands in a header too, but there it is not signed.
  const { object_kind: kind } = checked(kindSchema, body, SOURCE);
  if (kind === "push" || kind === "tag_push") return parsePush(body);
  if (kind === "merge_request") return parseMergeRequest(body);
  return ignored("an event that starts nothing");
}

function parsePush(body: unknown): ParsedWebhook {
  const { ref, before, after, checkout_sha: commit, user_username: actor, project } = checked(pushSchema, body, SOURCE);
  const repository = repositoryOf(project);
  return refEvent({ source: "gitlab", repository, actor: actor ?? "", ref, before, after, commit: commit ?? null });
}

function parseMergeRequest(body: unknown): ParsedWebhook {
  const { user, project, object_attributes: merge } = checked(mergeRequestSchema, body, SOURCE);
  const { action = "", iid: number } = merge;
  const known = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  if (known === undefined || (known === "updated" && merge.oldrev === undefined)) {
    return ignored("something about a merge request that changes no commit");
  }
  return {
    events: [
      {
        kind: "pull_request",
        source: "gitlab",
        repository: repositoryOf(project),
        actor: user?.username ?? "",
        action: known,
        number,
        sha: merge.last_commit.id,
        sourceBranch: merge.source_branch,
        targetBranch: merge.target_branch,
        baseSha: null,
        isFork: merge.source_project_id !== merge.target_project_id,
        isFromMember: null,
        fetchRef: `refs/merge-requests/${number}/head`,
        isMerged: action === "merge",
      },
    ],
    ignored: null,
  };
}

function repositoryOf({ path_with_namespace: name, ...urls }: z.infer<typeof projectSchema>): EventRepository {
  return { name, urls: [urls.git_http_url, urls.git_ssh_url, urls.web_url].flatMap((url) => url ?? []) };
}
