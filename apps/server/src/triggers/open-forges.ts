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
  /** What fetches from a repository are done with; undefined: nothing is known for its host. */
  readonly credentials: (url: string) => GitCredentials | undefined;
}

/** @throws WaybillError `FORGE_SETTINGS_INVALID` */
export function openForges(settings: readonly ForgeSettings[], clock: Clock): Forges {
  const byHost = new Map(settings.map((forge) => [forge.host, forge]));
  return {
    reporters: settings.flatMap((forge) => (forge.reports === "nothing" ? [] : [reporterOf(forge, clock)])),
    credentials(url) {
      const { protocol, hostname } = URL.parse(url) ?? { protocol: "", hostname: "" };
      const forge = byHost.get(hostname.toLowerCase());
      // In the open a token would be everybody's; keys of SSH are the host's own.
      if (protocol !== "https:" || forge === undefined || forge.token === null) return undefined;
      return { username: forge.type === "github" ? "x-access-token" : "oauth2", password: forge.token };
    },
  };
}

function reporterOf({ host, type, api, token, app, reports }: ForgeSettings, clock: Clock): StatusReporter {
  const client = new ForgeClient({ baseUrl: api, clock });
  if (type === "gitlab") return new GitlabReporter({ forge: host, client, token: token ?? "" });
  const authentication =
    app === null ? tokenAuthentication(token ?? "") : new GithubAppAuthentication(client, clock, app);
  return new GithubReporter({
    forge: host,
    client,
    authentication,
    uses: reports === "check_runs" ? "check_runs" : "statuses",
  });
}
