import { createHmac, randomUUID } from "node:crypto";

/** A request as a sender of webhooks makes it. */
export interface SentWebhook {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a repository is called where its webhooks come from. */
export const FORGE_ADDRESS = "https://forge.test/acme/shop";

const repository = {
  id: 7,
  full_name: "acme/shop",
  clone_url: `${FORGE_ADDRESS}.git`,
  html_url: FORGE_ADDRESS,
};

const JSON_TYPE = { "content-type": "application/json" };

export function githubWebhook(
  secret: string,
  event: string,
  fields: object,
  id: string = randomUUID(),
  address: object = repository,
): SentWebhook {
  const body = JSON.stringify({ repository: address, sender: { login: "mona" }, ...fields });
  const signature = `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
  const headers = { "x-github-event": event, "x-github-delivery": id, "x-hub-signature-256": signature };
  return { path: "/webhooks/github", headers: { ...JSON_TYPE, ...headers }, body };
}

export function gitlabWebhook(token: string, fields: object, id: string = randomUUID()): SentWebhook {
  const project = { path_with_namespace: "acme/shop", git_http_url: `${FORGE_ADDRESS}.git`, web_url: FORGE_ADDRESS };
  const body = JSON.stringify({ project, user_username: "tanuki", ...fields });
  const headers = { "x-gitlab-event": "Tag Push Hook", "x-gitlab-event-uuid": id, "x-gitlab-token": token };
  return { path: "/webhooks/gitlab", headers: { ...JSON_TYPE, ...headers }, body };
}

export function giteaWebhook(secret: string, event: string, fields: object, id: string = randomUUID()): SentWebhook {
  const body = JSON.stringify({ repository, sender: { login: "gopher" }, ...fields });
  const signature = createHmac("sha256", secret).update(body).digest("hex");
  const headers = { "x-gitea-event": event, "x-gitea-delivery": id, "x-gitea-signature": signature };
  return { path: "/webhooks/gitea", headers: { ...JSON_TYPE, ...headers }, body };
}

/** @param at milliseconds since the epoch */
export function genericWebhook(secret: string, body: object, at = Date.now(), id: string = randomUUID()): SentWebhook {
  const text = JSON.stringify(body);
  const timestamp = String(Math.floor(at / 1000));
  const key = Buffer.from(secret.replace("whsec_", ""), "base64");
  const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${text}`).digest("base64");
  const headers = { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` };
  return { path: "/webhooks/generic", headers: { ...JSON_TYPE, ...headers }, body: text };
}

export function sendWebhook(url: string, { path, headers, body }: SentWebhook): Promise<Response> {
  return fetch(url + path, { method: "POST", headers, body });
}
