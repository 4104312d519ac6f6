import { call } from "../client.ts";
import type {
  Pipeline,
  PipelineFile,
  PipelineHook,
  PipelineStatistics,
  Project,
  WebhookSecret,
} from "../generated/operations.ts";
import { keys } from "../keys.ts";
import type { Query } from "../query.ts";

const PAGE = 200;
/** Nobody reads a list of more; the palette finds all of them. */
const MOST_PAGES = 5;

interface Listed<Item> {
  readonly items: readonly Item[];
  readonly next_cursor: string | null;
}

/** All there are, up to 1,000: then `next_cursor` is not null. */
async function everything<Item>(read: (cursor: string | undefined) => Promise<Listed<Item>>): Promise<Listed<Item>> {
  const items: Item[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { items: more, next_cursor: next } = await read(cursor);
    items.push(...more);
    if (next === null) return { items, next_cursor: null };
    cursor = next;
  }
  return { items, next_cursor: cursor ?? null };
}

export function projectsQuery(): Query<Listed<Project>> {
  return {
    queryKey: keys.projects,
    queryFn: ({ signal }) => everything((cursor) => call("listProjects", { query: { limit: PAGE, cursor }, signal })),
  };
}

export function pipelinesQuery(): Query<Listed<Pipeline>> {
  return {
    queryKey: keys.pipelines,
    queryFn: ({ signal }) => everything((cursor) => call("listPipelines", { query: { limit: PAGE, cursor }, signal })),
  };
}

export function projectQuery(id: string): Query<Project> {
  return { queryKey: keys.project(id), queryFn: ({ signal }) => call("getProject", { params: { id }, signal }) };
}

export function pipelineQuery(id: string): Query<Pipeline> {
  return {
    queryKey: [...keys.pipeline(id), "details"],
    queryFn: ({ signal }) => call("getPipeline", { params: { id }, signal }),
  };
}

/** @param ref a branch or tag; undefined: the default branch */
export function definitionQuery(id: string, ref?: string): Query<PipelineFile> {
  return {
    queryKey: [...keys.definition(id), ref ?? ""],
    queryFn: ({ signal }) => call("getPipelineDefinition", { params: { id }, query: { ref }, signal }),
  };
}

export function statisticsQuery(id: string, days: number): Query<PipelineStatistics> {
  return {
    queryKey: [...keys.statistics(id), days],
    queryFn: ({ signal }) => call("getPipelineStatistics", { params: { id }, query: { days }, signal }),
  };
}

/** How the repository tells of pushes, and what it told last. */
export function hookQuery(id: string): Query<PipelineHook> {
  return {
    queryKey: [...keys.hook(id), "details"],
    queryFn: ({ signal }) => call("getPipelineHook", { params: { id }, signal }),
  };
}

export function webhookSecretsQuery(id: string): Query<{ readonly items: readonly WebhookSecret[] }> {
  return {
    queryKey: [...keys.hook(id), "secrets"],
    queryFn: ({ signal }) => call("listWebhookSecrets", { params: { id }, signal }),
  };
}
