import type { Clock } from "@waybill/core";
import type { GitCredentials } from "@waybill/git";
import {
  ForgeClient,
  GithubAppAuthentication,
  GithubReporter,
  GitlabReporter,
  tokenAuthentication,
  type ProjectStore,
  type StatusReporter,
} from "@waybill/projects";
import type { ForgeSettings } from "../settings/forges.ts";

export interface Forges {
  readonly reporters: readonly StatusReporter[];
  /**
   * The `forge` of a reporter that may tell of a project's runs.
   *
   * @param host of the address of a repository
   * @returns null: the host is no forge's, or none that the project may use
   */
  reporterFor(host: string, projectId: string): Promise<string | null>;
  /** Whether anything is known of the host of an address, for whatever project. */
  isOfForge(url: string): boolean;
  /** What a project fetches from a repository with; undefined: there is nothing for it. */
  credentials(url: string, projectId: string): Promise<GitCredentials | undefined>;
}

/** @throws WaybillError `FORGE_SETTINGS_INVALID` */
export function openForges(
  settings: readonly ForgeSettings[],
  projects: Pick<ProjectStore, "find">,
  clock: Clock,
): Forges {
  async function forgeOf(projectId: string, isHost: (host: string) => boolean): Promise<ForgeSettings | undefined> {
    const candidates = settings.filter(({ host }) => isHost(host));
    if (candidates.length === 0) return undefined;
    const project = await projects.find(projectId);
    if (project === null) return undefined;
    return candidates.find(({ projects: named }) => named === "all" || named.some((each) => isNamed(each, project)));
  }
  return {
    reporters: settings.flatMap((forge) => (forge.reports === "nothing" ? [] : [reporterOf(forge, clock)])),
    async reporterFor(host, projectId) {
      const forge = await forgeOf(projectId, (each) => hostnameOf(each) === host);
      return forge === undefined || forge.reports === "nothing" ? null : forge.name;
    },
    isOfForge(url) {
      const hostname = URL.parse(url)?.hostname.toLowerCase();
      return settings.some(({ host }) => hostnameOf(host) === hostname);
    },
    async credentials(url, projectId) {
      const { protocol, host } = URL.parse(url) ?? { protocol: "", host: "" };
      // In the open a token would be everybody's; keys of SSH are the host's own.
      if (protocol !== "https:") return undefined;
      // Behind another port is another server.
      const forge = await forgeOf(projectId, (each) => each.replace(/:443$/, "") === host.toLowerCase());
      if (forge === undefined || forge.token === null) return undefined;
      return { username: forge.type === "github" ? "x-access-token" : "oauth2", password: forge.token };
    },
  };
}

const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What looks like an id is one, so that no project gets another one's token by taking its id for a name. */
function isNamed(given: string, { id, name }: { readonly id: string; readonly name: string }): boolean {
  return given === (ID.test(given) ? id : name);
}

function hostnameOf(host: string): string {
  return host.replace(/:\d+$/, "");
}

function reporterOf({ name, type, api, token, app, reports }: ForgeSettings, clock: Clock): StatusReporter {
  const client = new ForgeClient({ baseUrl: api, clock });
  if (type === "gitlab") return new GitlabReporter({ forge: name, client, token: token ?? "" });
  const authentication =
    app === null ? tokenAuthentication(token ?? "") : new GithubAppAuthentication(client, clock, app);
  return new GithubReporter({
    forge: name,
    client,
    authentication,
    uses: reports === "check_runs" ? "check_runs" : "statuses",
  });
}
