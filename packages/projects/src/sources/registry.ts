import { WaybillError } from "@waybill/core";
import { genericSource } from "./generic/index.ts";
import { giteaSource } from "./gitea/index.ts";
import { githubSource } from "./github/index.ts";
import { gitlabSource } from "./gitlab/index.ts";
import type { WebhookSource } from "./source.ts";

/** Every sender of webhooks that is understood. A new one is a folder like theirs, and a line here. */
export const webhookSources: readonly WebhookSource[] = [githubSource, gitlabSource, giteaSource, genericSource];

/** Other names under which a source is known. */
const ALIASES: Readonly<Record<string, string>> = { forgejo: "gitea" };

/** @throws WaybillError `WEBHOOK_SOURCE_UNKNOWN` */
export function webhookSource(id: string): WebhookSource {
  const wanted = Object.hasOwn(ALIASES, id) ? ALIASES[id] : id;
  const source = webhookSources.find((candidate) => candidate.id === wanted);
  if (source !== undefined) return source;
  const known = webhookSources.map((candidate) => candidate.id).join(", ");
  throw new WaybillError("WEBHOOK_SOURCE_UNKNOWN", { source: id.slice(0, 100), known });
}
