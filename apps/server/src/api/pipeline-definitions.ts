import { WaybillError } from "@waybill/core";
import type { Mirror } from "@waybill/git";
import * as z from "zod/mini";
import { defineRoute, type Route } from "../http/route.ts";
import { parametersOf } from "../runs/parameters.ts";
import { readDefinitionFields, readDefinitionJson } from "./definition-json.ts";
import { found, pipelineOf } from "./records.ts";
import { ref } from "./runs.ts";
import { idParams, named } from "./schemas.ts";

/** Parsing takes its time on the one thread there is; nobody writes a longer one by hand. */
const MAX_FILE_BYTES = 1024 * 1024;

const definition = named(
  "PipelineFile",
  z.object({
    ref: z.string(),
    commit: z.string(),
    path: z.string(),
    text: z.string(),
    ...readDefinitionFields,
  }),
);

export const pipelineDefinitionRoutes: readonly Route[] = [
  defineRoute({
    id: "getPipelineDefinition",
    method: "GET",
    path: "/v1/pipelines/{id}/definition",
    summary:
      "The pipeline file at the head of a branch or tag, as it was fetched last or with `refresh` is now: its text, problems, graph and inputs",
    tag: "pipelines",
    access: { permission: "pipelines:read", on: "pipeline" },
    params: idParams,
    query: z.strictObject({
      /** Default: the repository's default branch. */
      ref: z.optional(ref),
      refresh: z.prefault(z.enum(["true", "false"]), "false"),
    }),
    responses: { 200: { description: "The file", schema: definition } },
    async handle({ params, query }, services) {
      const { configPath: path, repositoryId } = await pipelineOf(services, params.id);
      const repository = found(await services.records.repositories.find(repositoryId), "repository", repositoryId);
      const mirror = services.mirrors.of(repository);
      const wanted = query.ref ?? repository.defaultBranch;
      if (query.refresh === "true") await mirror.update();
      const known = await headOf(mirror, wanted);
      if (known === null && query.refresh === "false") await mirror.update();
      const head = known ?? (await headOf(mirror, wanted));
      if (head === null) throw new WaybillError("GIT_NO_COMMIT", { ref: wanted, url: repository.url });
      const bytes = await mirror.readFile(head.gitSha, path, MAX_FILE_BYTES);
      if (bytes === null) throw new WaybillError("PIPELINE_FILE_MISSING", { sha: head.gitSha, path });
      const read = readDefinitionJson(bytes, {
        path,
        parameters: parametersOf({ ...head, inputs: {} }),
        clock: services.clock,
      });
      const body = { ref: head.gitRef, commit: head.gitSha, path, text: bytes.toString("utf8"), ...read };
      return { status: 200, body };
    },
  }),
];

async function headOf(mirror: Mirror, wanted: string): Promise<{ gitRef: string; gitSha: string } | null> {
  const refs = /^refs\/(?:heads|tags)\//.test(wanted) ? [wanted] : [`refs/heads/${wanted}`, `refs/tags/${wanted}`];
  for (const gitRef of refs) {
    const gitSha = await mirror.resolve(gitRef);
    if (gitSha !== null) return { gitRef, gitSha };
  }
  return null;
}
