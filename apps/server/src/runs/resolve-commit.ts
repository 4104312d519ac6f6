import { WaybillError } from "@waybill/core";
import type { Pipeline, ProjectRecords } from "@waybill/projects";
import type { ProjectMirrors } from "../triggers/project-mirrors.ts";

export interface CommitRequest {
  readonly pipeline: Pipeline;
  /** A branch, a tag, or a full ref. */
  readonly ref: string;
  /** Null: what the ref is at now. */
  readonly sha: string | null;
  /**
   * The repository itself says that this ref was at this commit: it may have moved on since. Otherwise the commit must be
   * part of what the ref is at now.
   */
  readonly isAnnounced?: boolean;
}

export interface ResolveOptions {
  readonly records: ProjectRecords;
  readonly mirrors: ProjectMirrors;
}

export interface ResolvedCommit {
  /** In full. */
  readonly gitRef: string;
  readonly gitSha: string;
  /** Of the repository. */
  readonly url: string;
}

/**
 * The commit a request is about; the mirror is brought up to date where it does not have it.
 * @throws WaybillError `GIT_*`, `API_NOT_FOUND`
 */
export async function resolveCommit(
  { records, mirrors }: ResolveOptions,
  { pipeline, ref, sha, isAnnounced = false }: CommitRequest,
): Promise<ResolvedCommit> {
  const repository = await records.repositories.find(pipeline.repositoryId);
  if (repository === null) throw new WaybillError("API_NOT_FOUND", { kind: "repository", id: pipeline.repositoryId });
  const { url } = repository;
  const mirror = mirrors.of(repository);
  const refs = ref.startsWith("refs/") ? [ref] : [`refs/heads/${ref}`, `refs/tags/${ref}`];
  // Of a tag with a message, the commit it stands for.
  const announced = async (): Promise<{ readonly gitRef: string; readonly gitSha: string } | null> => {
    const gitSha = isAnnounced && sha !== null ? await mirror.resolve(sha) : null;
    return gitSha === null ? null : { gitRef: refs[0] ?? ref, gitSha };
  };
  const known = await announced();
  if (known !== null) return { ...known, url };
  await mirror.update();
  const fetched = await announced();
  if (fetched !== null) return { ...fetched, url };
  for (const gitRef of refs) {
    const head = await mirror.resolve(gitRef);
    if (head === null) continue;
    if (sha === null) return { gitRef, gitSha: head, url };
    // What is let through for a branch must not be had for the commits of others, those of forks among them.
    if (await mirror.isInHistory(sha, head)) return { gitRef, gitSha: sha, url };
  }
  throw new WaybillError("GIT_NO_COMMIT", { ref: sha ?? ref, url });
}
