import { repositoryKey } from "./names.ts";

/** Which repositories have slips. */
export interface RepositoryFilter {
  readonly allowed: readonly string[];
  /** Goes before what is allowed. */
  readonly denied: readonly string[];
}

export const ALL_REPOSITORIES: RepositoryFilter = { allowed: [], denied: [] };

/**
 * One name, or several on lines of their own or behind commas; `*` is every repository, `!owner/repo` none of this name.
 */
export function parseRepositoryFilter(text: string): RepositoryFilter {
  const entries = text
    .split(/[\n\r,]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
  return {
    allowed: entries.filter((entry) => !entry.startsWith("!")),
    denied: entries.filter((entry) => entry.startsWith("!")).map((entry) => entry.slice(1).trim()),
  };
}

/** An empty list lets everything through that is not denied. */
export function isEnabled({ allowed, denied }: RepositoryFilter, repository: string): boolean {
  const key = repositoryKey(repository);
  const names = (entry: string): boolean => entry === "*" || repositoryKey(entry) === key;
  return !denied.some(names) && (allowed.length === 0 || allowed.some(names));
}
