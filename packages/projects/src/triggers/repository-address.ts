/**
 * The same text for all addresses of one repository: host and path, without protocol, user, port, `.git` and slashes at
 * the end. `git@host:owner/name.git` and `https://host/owner/name` are the same. Null where it is no address of a server.
 *
 * Hosts are compared without regard to case, paths too: forges do so, and two repositories that differ in nothing else
 * cannot be made there.
 */
export function repositoryKey(address: string): string | null {
  if (address.length > 2048) return null;
  const short = /^(?:[\w.-]+@)?([\w.-]{2,}):(?!\/\/)\/?([^\s?#]+)$/.exec(address);
  if (short !== null) return keyOf(short[1] ?? "", short[2] ?? "");
  if (!/^(?:https?|ssh|git):\/\//i.test(address) || !URL.canParse(address)) return null;
  const { hostname, pathname } = new URL(address);
  return keyOf(hostname, pathname);
}

function keyOf(host: string, path: string): string | null {
  const name = path.replaceAll(/^\/+|\/+$/g, "").replace(/\.git$/i, "");
  return host === "" || name === "" ? null : `${host}/${name}`.toLowerCase();
}
