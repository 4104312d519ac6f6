import { call, type Args } from "../client.ts";
import type {
  ArtifactFiles,
  ArtifactMetadata,
  ArtifactRetention,
  ListedArtifact,
  Storage,
} from "../generated/operations.ts";
import { keys } from "../keys.ts";
import type { Query } from "../query.ts";

export interface ArtifactPage {
  readonly items: readonly ListedArtifact[];
  readonly next_cursor: string | null;
}

/** Of all runs that one may see, newest first. */
export function artifactsQuery(query: NonNullable<Args<"listArtifacts">["query"]>): Query<ArtifactPage> {
  return {
    queryKey: [...keys.artifacts, "list", query],
    queryFn: ({ signal }) => call("listArtifacts", { query, signal }),
  };
}

export function artifactQuery(id: string): Query<ArtifactMetadata> {
  return {
    queryKey: [...keys.artifact(id), "metadata"],
    queryFn: ({ signal }) => call("getArtifactMetadata", { params: { id }, signal }),
  };
}

export function artifactFilesQuery(
  id: string,
  query: NonNullable<Args<"listArtifactFiles">["query"]>,
): Query<ArtifactFiles> {
  return {
    queryKey: [...keys.artifact(id), "files", query],
    queryFn: ({ signal }) => call("listArtifactFiles", { params: { id }, query, signal }),
  };
}

export function artifactRetentionQuery(id: string): Query<ArtifactRetention> {
  return {
    queryKey: [...keys.artifact(id), "retention"],
    queryFn: ({ signal }) => call("getArtifactRetention", { params: { id }, signal }),
  };
}

export function storageQuery(): Query<Storage> {
  return { queryKey: keys.storage, queryFn: ({ signal }) => call("getStorage", { signal }) };
}
