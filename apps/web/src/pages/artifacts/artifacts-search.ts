import { artifactsQuery, type ArtifactPage } from "../../api/queries/artifacts.ts";
import type { Query } from "../../api/query.ts";
import { textSearch } from "../../shell/text-search.ts";

const SHOWN = 50;

export const artifactsSearch = textSearch("view", "project", "run", "job", "name", "cursor");

export type ArtifactsSearch = ReturnType<typeof artifactsSearch>;

/** @param projectId of the project in the address, by now known */
export function artifactTableQuery(search: ArtifactsSearch, projectId: string | undefined): Query<ArtifactPage> {
  const { run, job, name, cursor } = search;
  return artifactsQuery({
    limit: SHOWN,
    ...(projectId === undefined ? {} : { project_id: projectId }),
    ...(run === undefined ? {} : { run_id: run }),
    ...(job === undefined ? {} : { job }),
    ...(name === undefined ? {} : { name }),
    ...(cursor === undefined ? {} : { cursor }),
  });
}
