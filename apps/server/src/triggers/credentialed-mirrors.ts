import type { GitCredentials, Mirrors } from "@waybill/git";

/** Mirrors that are fetched with what is known for their host. */
export function credentialedMirrors(
  mirrors: Mirrors,
  credentials: (url: string) => GitCredentials | undefined,
): Mirrors {
  return {
    address: (url) => mirrors.address(url),
    probe: (url, given) => mirrors.probe(url, given ?? credentials(url)),
    of(url) {
      const mirror = mirrors.of(url);
      return {
        update: (given) => mirror.update(given ?? credentials(url)),
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
