import type { ManualEvent, PullRequestEvent, PushEvent, TagEvent, WebhookEvent } from "../trigger-event.ts";

/** Events for tests. */

const OLD = "1".repeat(40);
const NEW = "2".repeat(40);

const common = { source: "github", repository: { name: "acme/shop", urls: [] }, actor: "mona" };
const place = { branch: null, tag: null, sha: null };

export function push(fields: Partial<PushEvent> = {}): PushEvent {
  return { kind: "push", ...common, branch: "main", before: OLD, sha: NEW, ...fields };
}

export function tag(fields: Partial<TagEvent> = {}): TagEvent {
  return { kind: "tag", ...common, tag: "v1.0", sha: NEW, ...fields };
}

export function pullRequest(fields: Partial<PullRequestEvent> = {}): PullRequestEvent {
  return {
    kind: "pull_request",
    ...common,
    action: "opened",
    number: 12,
    sha: NEW,
    sourceBranch: "feature/one",
    targetBranch: "main",
    baseSha: OLD,
    isFork: false,
    isFromMember: null,
    fetchRef: "refs/pull/12/head",
    isMerged: false,
    ...fields,
  };
}

export function manual(fields: Partial<ManualEvent> = {}): ManualEvent {
  return { kind: "manual", ...common, source: "waybill", ...place, inputs: {}, ...fields };
}

export function webhook(fields: Partial<WebhookEvent> = {}): WebhookEvent {
  return { kind: "webhook", ...common, source: "generic", ...place, inputs: {}, ...fields };
}
