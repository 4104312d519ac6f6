/** A repository without a forge around it. */
export const PLAIN_GIT = "git";

/** Which source of webhooks a repository's address looks like. */
export function likelySource(repositoryUrl: string): string {
  const host = /^[a-z+]+:\/\/(?:[^/@]*@)?([^/:]+)/i.exec(repositoryUrl)?.[1]?.toLowerCase() ?? "";
  if (host === "github.com" || host.startsWith("github.")) return "github";
  if (host === "gitlab.com" || host.startsWith("gitlab.")) return "gitlab";
  if (host === "codeberg.org" || /^(?:gitea|forgejo)\./.test(host)) return "gitea";
  return PLAIN_GIT;
}
