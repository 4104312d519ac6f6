import { webhookSources } from "@waybill/projects";
import * as z from "zod/mini";
import { defineRoute, type Route } from "../http/route.ts";
import { found, pipelineOf } from "./records.ts";
import { idParams, named } from "./schemas.ts";
import { delivery, deliveryJson } from "./webhook-deliveries.ts";

/** The newest deliveries among which the last one of the repository is looked for. */
const LOOKED_AT = 200;

const hook = named(
  "PipelineHook",
  z.object({
    /** For a plain Git repository. */
    post_receive: z.object({
      /** In the bare repository; it is to be executable. */
      path: z.string(),
      script: z.string(),
      /** What the token in its file must be allowed. */
      token_permission: z.string(),
    }),
    /** For forges. Each needs a secret: `POST /v1/pipelines/{id}/webhook-secrets`. */
    webhooks: z.array(
      z.object({
        source: z.string(),
        title: z.string(),
        url: z.string(),
        content_type: z.string(),
        /** What is to be ticked, in the forge's words. */
        events: z.array(z.string()),
      }),
    ),
    /** The newest webhook of the repository among the project's last 200; null: there is none. */
    last_delivery: z.nullable(delivery),
  }),
);

/** As the forges' own forms name them; a source that is not here sends what it is told to. */
const EVENTS: Readonly<Record<string, readonly string[]>> = {
  github: ["Pushes", "Pull requests"],
  gitlab: ["Push events", "Tag push events", "Merge request events"],
  gitea: ["Push", "Create", "Delete", "Pull Request", "Pull Request Synchronized"],
};

export const pipelineHookRoutes: readonly Route[] = [
  defineRoute({
    id: "getPipelineHook",
    method: "GET",
    path: "/v1/pipelines/{id}/hook",
    summary: "How a pipeline's repository tells the server of pushes, and what it told last",
    tag: "webhooks",
    access: { permission: "pipelines:write", on: "pipeline" },
    params: idParams,
    responses: { 200: { description: "The script, the addresses and the last delivery", schema: hook } },
    async handle({ params }, services) {
      const { repositoryId, projectId } = await pipelineOf(services, params.id);
      const repository = found(await services.records.repositories.find(repositoryId), "repository", repositoryId);
      const server = services.address();
      const page = await services.triggers.stores.deliveries.page({ limit: LOOKED_AT, projectIds: [projectId] });
      const last = page.find((each) => each.repositoryId === repository.id);
      const body: z.infer<typeof hook> = {
        post_receive: {
          path: "hooks/post-receive",
          script: postReceive(server, repository.url),
          token_permission: "webhooks:receive",
        },
        webhooks: webhookSources.map(({ id, title }) => ({
          source: id,
          title,
          url: `${server}/webhooks/${id}?repository=${repository.id}`,
          content_type: "application/json",
          events: [...(EVENTS[id] ?? [])],
        })),
        last_delivery: last === undefined ? null : deliveryJson(last),
      };
      return { status: 200, body };
    },
  }),
];

function postReceive(server: string, repository: string): string {
  const options = [`--server ${quoted(server)}`, `--repository ${quoted(repository)}`];
  return `#!/bin/sh\nexec waybill hook post-receive ${options.join(" ")} --token-file /etc/waybill/hook-token\n`;
}

/** As one word of a shell, whatever is in it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
