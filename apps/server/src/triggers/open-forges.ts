import type { Clock } from "@waybill/core";
import type { GitCredentials } from "@waybill/git";
import {
  ForgeClient,
  GithubAppAuthentication,
  GithubReporter,
  GitlabReporter,
  tokenAuthentication,
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
  reporterFor(host: string, projectId: string): string | null;
  /** Whether anything is known of the host of an address, for whatever project. */
  isOfForge(url: string): boolean;
  /** What a project fetches from a repository with; undefined: there is nothing for it. */
  credentials(url: string, projectId: string): GitCredentials | undefined;
}

/** @throws WaybillError `FORGE_SETTINGS_INVALID` */
export function openForges(settings: readonly ForgeSettings[], clock: Clock): Forges {
  function forgeOf(projectId: string, isHost: (host: string) => boolean): ForgeSettings | undefined {
    return settings.find(({ host, projects }) => isHost(host) && (projects === "all" || projects.includes(projectId)));
  }
  return {
    reporters: settings.flatMap((forge) => (forge.reports === "nothing" ? [] : [reporterOf(forge, clock)])),
    reporterFor(host, projectId) {
      const forge = forgeOf(projectId, (each) => hostnameOf(each) === host);
      return forge === undefined || forge.reports === "nothing" ? null : forge.name;
    },
    isOfForge(url) {
      const hostname = URL.parse(url)?.hostname.toLowerCase();
      return settings.some(({ host }) => hostnameOf(host) === hostname);
    },
    credentials(url, projectId) {
      const { protocol, host } = URL.parse(url) ?? { protocol: "", host: "" };
      // In the open a token would be everybody's; keys of SSH are the host's own.
      if (protocol !== "https:") return undefined;
      // Behind another port is another server.
      const forge = forgeOf(projectId, (each) => each.replace(/:443$/, "") === host.toLowerCase());
      if (forge === undefined || forge.token === null) return undefined;
      return { username: forge.type === "github" ? "x-access-token" : "oauth2", password: forge.token };
    },
  };
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
