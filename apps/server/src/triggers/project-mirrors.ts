import type { GitCredentials, Mirror, Mirrors, RepositoryProbe } from "@waybill/git";
import type { Repository } from "@waybill/projects";
import type { Forges } from "./open-forges.ts";

/** Mirrors of the repositories of projects, fetched with what each project may use. */
export interface ProjectMirrors extends Pick<Mirrors, "address"> {
  /**
   * The mirror of a project's repository; nothing is fetched yet.
   * @throws WaybillError `GIT_ADDRESS_INVALID`
   */
  of(repository: Pick<Repository, "url" | "projectId">): Mirror;
  /**
   * As `Mirrors.probe`.
   * @param projectId for which it is asked, with what that may use where nothing is given; null: for none
   */
  probe(url: string, projectId: string | null, credentials?: GitCredentials): Promise<RepositoryProbe>;
}

/**
 * Where a token may have been used, each project has a mirror of its own: commits that one was let fetch must not be
 * had by another one that merely names the same address. That holds for all of a forge's host, so that a project that
 * is taken off a token's list does not fall back to a mirror that others filled.
 */
export function projectMirrors(mirrors: Mirrors, forges: Pick<Forges, "credentials" | "isOfForge">): ProjectMirrors {
  return {
    address: (url) => mirrors.address(url),
    probe: (url, projectId, given) =>
      mirrors.probe(url, given ?? (projectId === null ? undefined : forges.credentials(url, projectId))),
    of({ url, projectId }) {
      if (!forges.isOfForge(url)) return mirrors.of(url);
      const mirror = mirrors.of(url, projectId);
      return {
        history: mirror.history,
        update: (given) => mirror.update(given ?? forges.credentials(url, projectId)),
        resolve: (ref) => mirror.resolve(ref),
        isInHistory: (sha, head) => mirror.isInHistory(sha, head),
        mergeBase: (one, other) => mirror.mergeBase(one, other),
        readFile: (sha, path, maxBytes) => mirror.readFile(sha, path, maxBytes),
        changedPaths: (from, to) => mirror.changedPaths(from, to),
        checkOut: (sha, directory) => mirror.checkOut(sha, directory),
      };
    },
  };
}
