import { contentsOf, keptUntil, pressureLevel, type Manifest } from "@waybill/artifacts";
import { WaybillError } from "@waybill/core";
import { isSettled, type FoundArtifact } from "@waybill/engine";
import { createReadStream } from "node:fs";
import { lstat, mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod/mini";
import { defineRoute, type Route } from "../http/route.ts";
import type { Services } from "../services.ts";
import { found } from "./records.ts";
import { idParams, named, optionalTime, optionalTimeOf, time, timeOf } from "./schemas.ts";

/** The list of files of an artifact is read as a whole: of more than these it would take too long. */
const MAX_FILES = 100_000;
const MAX_PAGE = 1_000;

const path = z.string().check(z.minLength(1), z.maxLength(4_096), z.regex(/^[^\0]+$/, "a path"));

const file = z.object({
  path: z.string(),
  kind: z.enum(["file", "link"]),
  size_bytes: z.int(),
  executable: z.boolean(),
  /** SHA-256 of its bytes; of a link null. */
  sha256: z.nullable(z.string()),
  /** Of a link. */
  target: z.nullable(z.string()),
});

const files = named(
  "ArtifactFiles",
  z.object({ items: z.array(file), total: z.int(), next_after: z.nullable(z.string()) }),
);

const verification = named(
  "ArtifactVerification",
  z.object({
    result: z.enum(["valid", "corrupted", "missing", "failed"]),
    contents: z.int(),
    verified_at: time,
    /** Contents that are not as they were stored; what is damaged is in quarantine now. */
    problems: z.array(z.object({ content_hash: z.string(), result: z.string(), detail: z.string() })),
  }),
);

const retention = named(
  "ArtifactRetention",
  z.object({
    /** What a cleanup would decide now. */
    decision: z.enum(["keep", "delete"]),
    reason: z.string(),
    /** Name of the rule that decides; null: none is about it. */
    policy: z.nullable(z.string()),
    /** From when on a cleanup may take it, if nobody uses it and the store is no fuller; null: for no time there is to tell. */
    kept_until: optionalTime,
    last_accessed_at: optionalTime,
    pressure_level: z.string(),
    /** What it is kept for, whatever the rules say. */
    references: z.array(z.object({ kind: z.enum(["run", "pin"]), owner: z.string(), reason: z.string() })),
  }),
);

export const artifactContentRoutes: readonly Route[] = [
  defineRoute({
    id: "listArtifactFiles",
    method: "GET",
    path: "/v1/artifacts/{id}/files",
    summary: "The files of an artifact by their paths",
    tag: "artifacts",
    access: { permission: "artifacts:read", on: "artifact" },
    params: idParams,
    query: z.strictObject({
      limit: z.prefault(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(MAX_PAGE)), MAX_PAGE),
      /** Path that the page before ended with. */
      after: z.optional(path),
      /** Only paths that begin with it. */
      prefix: z.optional(path),
    }),
    responses: { 200: { description: "A page of them", schema: files } },
    async handle({ params, query }, services) {
      const { limit, after, prefix = "" } = query;
      const manifest = await manifestOf(services, await artifactOf(services, params.id));
      const all = filesOf(manifest).filter((each) => each.path.startsWith(prefix));
      const from = after === undefined ? all : all.filter((each) => each.path > after);
      const items = from.slice(0, limit);
      const next_after = from.length > limit ? (items.at(-1)?.path ?? null) : null;
      return { status: 200, body: { items, total: all.length, next_after } };
    },
  }),
  defineRoute({
    id: "downloadArtifactFile",
    method: "GET",
    path: "/v1/artifacts/{id}/files/content",
    summary: "One file of an artifact",
    tag: "artifacts",
    access: { permission: "artifacts:read", on: "artifact" },
    params: idParams,
    query: z.strictObject({ path }),
    responses: { 200: { description: "Its bytes", schema: null, contentType: "application/octet-stream" } },
    async handle({ params, query, signal }, services) {
      const { artifact, jobName } = await artifactOf(services, params.id);
      await mkdir(services.scratchDirectory, { recursive: true, mode: 0o700 });
      const directory = await mkdtemp(join(services.scratchDirectory, "download-"));
      try {
        await services.artifacts.restoreFile({ ...artifact, jobName }, query.path, directory);
        const absolute = join(directory, query.path);
        if (!(await lstat(absolute)).isFile()) throw new WaybillError("ARTIFACT_FILE_MISSING", { path: query.path });
        const name = (query.path.split("/").at(-1) ?? "").replaceAll(/[^\w.-]+/g, "_").slice(0, 100);
        const headers = { "content-disposition": `attachment; filename="${name}"` };
        const stream = streamed(absolute, directory, signal);
        return { status: 200, stream, contentType: "application/octet-stream", headers };
      } catch (error) {
        await rm(directory, { recursive: true, force: true });
        throw error;
      }
    },
  }),
  defineRoute({
    id: "verifyArtifact",
    method: "POST",
    path: "/v1/artifacts/{id}/verify",
    summary: "Read all of an artifact and compare it with what was stored",
    tag: "artifacts",
    access: { permission: "runs:trigger", on: "artifact" },
    params: idParams,
    responses: { 200: { description: "What came of it", schema: verification } },
    async handle({ params, signal }, services) {
      const { backend } = services.artifacts;
      const { artifact } = await artifactOf(services, params.id);
      const problems: z.infer<typeof verification>["problems"] = [];
      const check = async (hash: string): Promise<void> => {
        signal.throwIfAborted();
        const record = await backend.verify(hash);
        const { verification_result: result, error_details: detail } = record;
        if (result !== "valid") problems.push({ content_hash: hash, result, detail });
      };
      await check(artifact.ref);
      let contents = 1;
      if (problems.length === 0) {
        for (const hash of contentsOf(await services.artifacts.manifestOf({ ...artifact, jobName: "" }))) {
          await check(hash);
          contents += 1;
        }
      }
      const results = new Set(problems.map((each) => each.result));
      const result = (["missing", "corrupted", "failed"] as const).find((each) => results.has(each)) ?? "valid";
      return { status: 200, body: { result, contents, verified_at: timeOf(services.clock.now()), problems } };
    },
  }),
  defineRoute({
    id: "getArtifactRetention",
    method: "GET",
    path: "/v1/artifacts/{id}/retention",
    summary: "Which rule keeps an artifact, and until when",
    tag: "artifacts",
    access: { permission: "artifacts:read", on: "artifact" },
    params: idParams,
    responses: { 200: { description: "What the rules say of it now", schema: retention } },
    async handle({ params }, services) {
      const { artifact, runId } = await artifactOf(services, params.id);
      const [info, run, pins, use] = await Promise.all([
        services.artifacts.backend.info(artifact.ref),
        services.store.find(runId),
        services.artifactRecords.pins(),
        services.storage.use(),
      ]);
      const owned = pins.filter(({ ref }) => ref === artifact.ref);
      const references = [
        ...(run !== null && !isSettled(run.status)
          ? [{ kind: "run" as const, owner: run.id, reason: `run #${run.number} has not ended` }]
          : []),
        ...owned.map(({ owner, reason }) => ({ kind: "pin" as const, owner, reason })),
      ];
      const lastAccessed = info === null ? artifact.createdAt : Date.parse(info.last_accessed);
      const candidate = {
        names: [artifact.name],
        createdAt: artifact.createdAt,
        lastAccessed,
        sizeBytes: artifact.sizeBytes,
        references: references.length,
      };
      const level = pressureLevel(use.usedPercent);
      const { until, ...decision } = keptUntil(candidate, services.storage.policies, level, services.clock.now());
      const body: z.infer<typeof retention> = {
        ...decision,
        kept_until: optionalTimeOf(until),
        last_accessed_at: info === null ? null : timeOf(lastAccessed),
        pressure_level: level,
        references,
      };
      return { status: 200, body };
    },
  }),
];

async function artifactOf({ store }: Services, id: string): Promise<FoundArtifact> {
  return found(await store.findArtifact(id), "artifact", id);
}

/** @throws WaybillError `ARTIFACT_NOT_LISTED`, `ARTIFACT_LOST`, `ARTIFACT_CORRUPTED` */
async function manifestOf({ artifacts }: Services, { artifact, jobName }: FoundArtifact): Promise<Manifest> {
  if (artifact.fileCount > MAX_FILES) throw new WaybillError("ARTIFACT_NOT_LISTED", { limit: MAX_FILES });
  return await artifacts.manifestOf({ ...artifact, jobName });
}

function filesOf({ files: plain, links }: Manifest): z.infer<typeof file>[] {
  return [
    ...plain.map(({ path: at, size, executable, hash }) => ({
      ...{ path: at, kind: "file" as const, size_bytes: size, executable, sha256: hash, target: null },
    })),
    ...links.map(({ path: at, target }) => ({
      ...{ path: at, kind: "link" as const, size_bytes: 0, executable: false, sha256: null, target },
    })),
  ].toSorted((one, other) => (one.path < other.path ? -1 : 1));
}

async function* streamed(absolute: string, directory: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(absolute, { signal }) as AsyncIterable<Uint8Array>;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
