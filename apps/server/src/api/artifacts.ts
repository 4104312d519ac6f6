import * as z from "zod/mini";
import { defineRoute, type Route } from "../http/route.ts";
import { artifact, artifactJson } from "./artifact-json.ts";
import { packArtifact } from "./pack-artifact.ts";
import { found } from "./records.ts";
import { idParams, named } from "./schemas.ts";

const metadata = named("ArtifactMetadata", z.extend(artifact, { run_id: z.uuid() }));

export const artifactRoutes: readonly Route[] = [
  defineRoute({
    id: "getArtifactMetadata",
    method: "GET",
    path: "/v1/artifacts/{id}/metadata",
    summary: "What is known of an artifact",
    tag: "artifacts",
    access: { permission: "artifacts:read", on: "artifact" },
    params: idParams,
    responses: { 200: { description: "All but its bytes", schema: metadata } },
    async handle({ params }, { store }) {
      const { runId, jobName, artifact: record } = found(await store.findArtifact(params.id), "artifact", params.id);
      return { status: 200, body: { ...artifactJson(record, jobName), run_id: runId } };
    },
  }),
  defineRoute({
    id: "downloadArtifact",
    method: "GET",
    path: "/v1/artifacts/{id}/download",
    summary: "The files of an artifact as a tar archive",
    tag: "artifacts",
    access: { permission: "artifacts:read", on: "artifact" },
    params: idParams,
    responses: { 200: { description: "The archive", schema: null, contentType: "application/x-tar" } },
    async handle({ params, signal }, services) {
      const { jobName, artifact: record } = found(await services.store.findArtifact(params.id), "artifact", params.id);
      const stream = await packArtifact(services, { ...record, jobName }, signal);
      // A name may hold anything: only what is safe in a header and as a file name.
      const filename = record.name.replaceAll(/[^\w.-]+/g, "_").slice(0, 100);
      const headers = {
        "content-disposition": `attachment; filename="${filename}.tar"`,
        etag: `"${record.ref}"`,
      };
      return { status: 200, stream, contentType: "application/x-tar", headers };
    },
  }),
];
