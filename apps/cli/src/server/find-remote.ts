import { WaybillError } from "@waybill/core";
import type { RunRecord } from "@waybill/engine";
import type * as z from "zod/mini";
import { hintFor } from "../text/hint.ts";
import { pageOf, pipelineAnswer, projectAnswer, runAnswer, runRecord, type PipelineAnswer } from "./answers.ts";
import type { ApiClient } from "./api-client.ts";

const PAGE = 200;
/** Pages of runs among which one is looked for by the beginning of its id; an older one is named by all of it. */
const MAX_PAGES = 50;
const MAX_NAMED = 5_000;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * A run by number, id, the beginning of an id, or `latest`.
 *
 * @throws WaybillError `SERVER_NO_RUN`
 */
export async function findRemoteRun(client: ApiClient, reference: string): Promise<RunRecord> {
  if (UUID.test(reference)) {
    return runRecord(await client.get(`/v1/pipeline-runs/${reference.toLowerCase()}`, runAnswer));
  }
  if (reference === "latest") {
    const { items } = await client.get("/v1/pipeline-runs", pageOf(runAnswer), { limit: 1 });
    if (items[0] !== undefined) return runRecord(items[0]);
  } else {
    const number = /^\d{1,9}$/.test(reference) ? Number(reference) : null;
    // Seven characters could be anybody's.
    const prefix = /^[0-9a-f-]{8,36}$/i.test(reference) ? reference.toLowerCase() : null;
    if (number !== null && number > 0) {
      const { items } = await client.get("/v1/pipeline-runs", pageOf(runAnswer), { number });
      if (items[0] !== undefined) return runRecord(items[0]);
    }
    let looked = 0;
    if (prefix !== null) {
      for await (const run of listRemote(client, "/v1/pipeline-runs", runAnswer)) {
        if (run.id.startsWith(prefix)) return runRecord(run);
        if ((looked += 1) >= MAX_PAGES * PAGE) break;
      }
    }
  }
  throw new WaybillError("SERVER_NO_RUN", { run: reference });
}

/**
 * A pipeline by its id, its name, or `PROJECT/NAME`.
 *
 * @throws WaybillError `SERVER_NO_PIPELINE`, `SERVER_NAME_AMBIGUOUS`
 */
export async function findPipeline(client: ApiClient, reference: string): Promise<PipelineAnswer> {
  if (UUID.test(reference)) return await client.get(`/v1/pipelines/${reference.toLowerCase()}`, pipelineAnswer);
  const pipelines = await allPipelines(client);
  let found = pipelines.filter(({ name }) => name === reference);
  const slash = reference.indexOf("/");
  if (found.length === 0 && slash > 0) {
    const project = await findProjectId(client, reference.slice(0, slash));
    const name = reference.slice(slash + 1);
    found = pipelines.filter((pipeline) => pipeline.project_id === project && pipeline.name === name);
  }
  const [first] = found;
  if (first === undefined) {
    const names = pipelines.map(({ name }) => name);
    const hint = names.length === 0 ? "It has none that you may see." : hintFor(reference, names, "pipelines");
    throw new WaybillError("SERVER_NO_PIPELINE", { pipeline: reference, hint });
  }
  if (found.length > 1) throw ambiguous("pipelines", reference, found);
  return first;
}

/** @throws WaybillError `API_NOT_FOUND`, `SERVER_NAME_AMBIGUOUS` */
export async function findProjectId(client: ApiClient, reference: string): Promise<string> {
  if (UUID.test(reference)) return reference.toLowerCase();
  const found: { readonly id: string }[] = [];
  for await (const project of listRemote(client, "/v1/projects", projectAnswer)) {
    if (project.name === reference) found.push(project);
  }
  if (found[0] === undefined) throw new WaybillError("API_NOT_FOUND", { kind: "project", id: reference });
  if (found.length > 1) throw ambiguous("projects", reference, found);
  return found[0].id;
}

export async function allPipelines(client: ApiClient): Promise<readonly PipelineAnswer[]> {
  const pipelines: PipelineAnswer[] = [];
  for await (const pipeline of listRemote(client, "/v1/pipelines", pipelineAnswer)) {
    pipelines.push(pipeline);
    if (pipelines.length === MAX_NAMED) break;
  }
  return pipelines;
}

/** The items of a list, page by page as they are asked for. */
export async function* listRemote<Item extends z.ZodMiniType>(
  client: ApiClient,
  path: string,
  item: Item,
  query: Readonly<Record<string, string | number | undefined>> = {},
): AsyncGenerator<z.infer<Item>> {
  let cursor: string | undefined;
  do {
    const page = await client.get(path, pageOf(item), { limit: PAGE, ...query, cursor });
    yield* page.items as z.infer<Item>[];
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
}

function ambiguous(kind: string, name: string, found: readonly { readonly id: string }[]): WaybillError {
  const ids = found
    .slice(0, 5)
    .map(({ id }) => id)
    .join(", ");
  return new WaybillError("SERVER_NAME_AMBIGUOUS", { count: found.length, kind, name, ids });
}
