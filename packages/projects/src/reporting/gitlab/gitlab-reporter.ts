import { WaybillError } from "@waybill/core";
import type { ForgeClient } from "../http/forge-client.ts";
import type { CommitState, StatusReport } from "../outbox.ts";
import { shortened, type StatusReporter } from "../reporter.ts";

export interface GitlabReporterOptions {
  readonly forge: string;
  readonly client: ForgeClient;
  /** A personal, group or project access token with the scope `api`. */
  readonly token: string;
}

const MAX_DESCRIPTION = 255;

const STATE: Readonly<Record<CommitState, string>> = {
  pending: "pending",
  running: "running",
  success: "success",
  failure: "failed",
  error: "failed",
  cancelled: "canceled",
  skipped: "skipped",
};

/** Commit statuses of GitLab. */
export class GitlabReporter implements StatusReporter {
  readonly forge: string;
  readonly #client: ForgeClient;
  readonly #token: string;

  /** @throws WaybillError `FORGE_SETTINGS_INVALID` */
  constructor({ forge, client, token }: GitlabReporterOptions) {
    if (!/^[\x21-\x7e]{1,500}$/.test(token)) {
      throw new WaybillError("FORGE_SETTINGS_INVALID", { forge: "GitLab", problem: "the token is none" });
    }
    this.forge = forge;
    this.#client = client;
    this.#token = token;
  }

  get restUntil(): number {
    return this.#client.restUntil;
  }

  async report({ repository, sha, context, state, description, url, ref }: StatusReport): Promise<string | null> {
    const body = {
      state: STATE[state],
      name: context,
      description: shortened(description, MAX_DESCRIPTION),
      ...(url === null ? {} : { target_url: url }),
      // Otherwise a commit on several branches gets the status on any of them.
      ...(ref === null ? {} : { ref }),
    };
    try {
      await this.#client.send({
        method: "POST",
        path: ["api", "v4", "projects", repository, "statuses", sha],
        headers: { "private-token": this.#token },
        body,
      });
    } catch (error) {
      if (!isSameStateAgain(error)) throw error;
    }
    return null;
  }
}

/** GitLab refuses a state that a status is in already; then all is as it should be. */
function isSameStateAgain(error: unknown): boolean {
  if (!(error instanceof WaybillError) || error.code !== "FORGE_REFUSED") return false;
  const match = / status 400: .*Cannot transition status via :(\w+) from :(\w+)/.exec(error.message);
  if (match === null) return false;
  const [, transition = "", state = ""] = match;
  return SAME_STATE[transition] === state;
}

const SAME_STATE: Readonly<Record<string, string>> = {
  enqueue: "pending",
  run: "running",
  succeed: "success",
  drop: "failed",
  cancel: "canceled",
  skip: "skipped",
};
