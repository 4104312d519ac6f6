import { createHmac } from "node:crypto";
import type { WebhookRequest } from "../source.ts";

/** Webhooks for tests, made up from the fields that the forges document and we read. */

export const OLD = "1".repeat(40);
export const NEW = "2".repeat(40);
export const TIP = "3".repeat(40);
export const NONE = "0".repeat(40);

/** The instant that signed webhooks of the tests are sent at, in milliseconds. */
export const NOW = 1_800_000_000_000;

export const PLAIN_SECRET = "a-secret-of-the-tests";
export const SIGNING_SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

type Headers = Readonly<Record<string, string>>;

const githubRepository = {
  id: 7,
  full_name: "acme/shop",
  clone_url: "https://github.test/acme/shop.git",
  ssh_url: "git@github.test:acme/shop.git",
  html_url: "https://github.test/acme/shop",
};

export const github = {
  push: (fields: object = {}) => ({
    ref: "refs/heads/main",
    before: OLD,
    after: NEW,
    head_commit: { id: NEW },
    repository: githubRepository,
    sender: { login: "mona" },
    ...fields,
  }),
  pullRequest: (action: string, fields: object = {}, head: object = {}) => ({
    action,
    number: 12,
    pull_request: {
      merged: false,
      author_association: "CONTRIBUTOR",
      head: { ref: "feature/one", sha: NEW, repo: { full_name: "acme/shop" }, ...head },
      base: { ref: "main", sha: OLD },
      ...fields,
    },
    repository: githubRepository,
    sender: { login: "mona" },
  }),
};

const gitlabProject = {
  path_with_namespace: "acme/web/shop",
  git_http_url: "https://gitlab.test/acme/web/shop.git",
  git_ssh_url: "git@gitlab.test:acme/web/shop.git",
  web_url: "https://gitlab.test/acme/web/shop",
};

export const gitlab = {
  push: (fields: object = {}) => ({
    object_kind: "push",
    ref: "refs/heads/main",
    before: OLD,
    after: NEW,
    checkout_sha: NEW,
    user_username: "tanuki",
    project: gitlabProject,
    ...fields,
  }),
  mergeRequest: (action: string, fields: object = {}) => ({
    object_kind: "merge_request",
    user: { username: "tanuki" },
    project: gitlabProject,
    object_attributes: {
      iid: 12,
      action,
      source_branch: "feature/one",
      target_branch: "main",
      source_project_id: 5,
      target_project_id: 5,
      last_commit: { id: NEW },
      ...fields,
    },
  }),
};

const giteaRepository = { ...githubRepository, clone_url: "https://gitea.test/acme/shop.git" };

export const gitea = {
  push: (fields: object = {}) => ({ ...github.push(fields), repository: giteaRepository }),
  deletion: (of: string, ref: string) => ({
    ref,
    ref_type: of,
    repository: giteaRepository,
    sender: { login: "gopher" },
  }),
  pullRequest: (action: string, head: object = {}) => ({
    action,
    number: 12,
    pull_request: {
      merged: false,
      head: { ref: "feature/one", sha: NEW, repo_id: 7, ...head },
      base: { ref: "main", sha: OLD, repo_id: 7 },
    },
    repository: giteaRepository,
    sender: { login: "gopher" },
  }),
};

export const generic = {
  push: (fields: object = {}) => ({
    type: "git.push",
    data: {
      repository: { name: "acme/shop", url: "ssh://git@git.test:2222/acme/shop.git" },
      ref: "refs/heads/main",
      before: OLD,
      after: NEW,
      actor: "ada",
      ...fields,
    },
  }),
  trigger: (fields: object = {}) => ({
    type: "pipeline.trigger",
    data: { repository: { name: "acme/shop" }, ref: "refs/heads/main", ...fields },
  }),
};

export function bytesOf(body: unknown): Uint8Array {
  return body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body));
}

export function requestOf(body: unknown, headers: Headers): WebhookRequest {
  return { headers: { "content-type": "application/json", ...headers }, rawBody: bytesOf(body) };
}

function hex(secret: string, body: Uint8Array): string {
  return createHmac("sha256", secret).update(body).digest("hex");
}

export function githubRequest(body: unknown, event: string, secret = PLAIN_SECRET): WebhookRequest {
  const signature = `sha256=${hex(secret, bytesOf(body))}`;
  return requestOf(body, { "x-github-event": event, "x-github-delivery": "d-1", "x-hub-signature-256": signature });
}

export function giteaRequest(body: unknown, event: string, secret = PLAIN_SECRET): WebhookRequest {
  const signature = hex(secret, bytesOf(body));
  return requestOf(body, { "x-gitea-event": event, "x-gitea-delivery": "d-1", "x-gitea-signature": signature });
}

export function gitlabRequest(body: unknown, secret = PLAIN_SECRET): WebhookRequest {
  return requestOf(body, { "x-gitlab-event": "Push Hook", "x-gitlab-event-uuid": "d-1", "x-gitlab-token": secret });
}

/** @param at in milliseconds */
export function signedRequest(body: unknown, secret = SIGNING_SECRET, at = NOW, id = "d-1"): WebhookRequest {
  const timestamp = String(Math.floor(at / 1000));
  const key = Buffer.from(secret.replace("whsec_", ""), "base64");
  const hmac = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(bytesOf(body));
  return requestOf(body, {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${hmac.digest("base64")}`,
  });
}
