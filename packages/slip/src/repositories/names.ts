import { WaybillError } from "@waybill/core";

const MAX_LENGTH = 300;

export interface RepositoryName {
  readonly owner: string;
  readonly name: string;
}

/**
 * Owner and name; everything behind the first slash is the name.
 *
 * @throws WaybillError `SLIP_REPOSITORY_INVALID`
 */
export function parseRepository(repository: string): RepositoryName {
  const slash = repository.indexOf("/");
  const owner = repository.slice(0, Math.max(slash, 0));
  const name = repository.slice(slash + 1);
  if (slash < 0 || owner === "" || name === "" || repository.length > MAX_LENGTH) {
    throw new WaybillError("SLIP_REPOSITORY_INVALID", { repository: repository.slice(0, MAX_LENGTH) });
  }
  return { owner, name };
}

/**
 * `owner/repo` from any form in which a repository is named: an address, one of SSH, with `.git` or a slash at its end.
 * What is none of these comes back without the spaces around it.
 */
export function repositoryFromAddress(text: string): string {
  let name = text.trim();
  const url = /^[a-z][a-z0-9+.-]*:\/\/[^/]*\/(.*)$/i.exec(name);
  const scp = /^[^/@\s]+@[^/:\s]+:(.*)$/.exec(name);
  name = url?.[1] ?? scp?.[1] ?? name;
  return name
    .replace(/^\/+/, "")
    .replace(/\/+$/, "")
    .replace(/\.git$/i, "")
    .replace(/\/+$/, "");
}

/** What names of repositories are compared by. */
export function repositoryKey(repository: string): string {
  return repository.toLowerCase();
}

export function isSameRepository(one: string, other: string): boolean {
  return repositoryKey(one) === repositoryKey(other);
}
