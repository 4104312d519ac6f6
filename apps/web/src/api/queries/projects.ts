import { call } from "../client.ts";
import type { Pipeline, Project } from "../generated/operations.ts";
import { keys } from "../keys.ts";
import type { Query } from "../query.ts";

const ALL = 200;

export function projectsQuery(): Query<{ readonly items: readonly Project[] }> {
  return {
    queryKey: keys.projects,
    queryFn: ({ signal }) => call("listProjects", { query: { limit: ALL }, signal }),
  };
}

export function pipelinesQuery(): Query<{ readonly items: readonly Pipeline[] }> {
  return {
    queryKey: keys.pipelines,
    queryFn: ({ signal }) => call("listPipelines", { query: { limit: ALL }, signal }),
  };
}

export function pipelineQuery(id: string): Query<Pipeline> {
  return { queryKey: keys.pipeline(id), queryFn: ({ signal }) => call("getPipeline", { params: { id }, signal }) };
}
