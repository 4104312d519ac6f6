import { WaybillError } from "@waybill/core";
import * as z from "zod/mini";
import type { ForgeClient, ForgeRequest } from "../http/forge-client.ts";
import type { CommitState, StatusReport } from "../outbox.ts";
import { shortened, type StatusReporter } from "../reporter.ts";
import { API_HEADERS } from "./api-headers.ts";
import type { GithubAuthentication } from "./authentication.ts";

export interface GithubReporterOptions {
  readonly forge: string;
  readonly client: ForgeClient;
  readonly authentication: GithubAuthentication;
  /** Check runs show more, and only apps may make them. */
  readonly uses: "statuses" | "check_runs";
}

/** Characters that GitHub takes. */
const MAX_DESCRIPTION = 140;
const MAX_SUMMARY = 1000;

const STATUS: Readonly<Record<CommitState, string>> = {
  pending: "pending",
  running: "pending",
  success: "success",
  failure: "failure",
  error: "error",
  cancelled: "error",
  skipped: "success",
};

const CONCLUSION: Readonly<Record<Exclude<CommitState, "pending" | "running">, string>> = {
  success: "success",
  failure: "failure",
  error: "failure",
  cancelled: "cancelled",
  skipped: "skipped",
};

const checkRunSchema = z.object({ id: z.int().check(z.positive()) });

/** Commit statuses or check runs of GitHub. */
export class GithubReporter implements StatusReporter {
  readonly forge: string;
  readonly #client: ForgeClient;
  readonly #authentication: GithubAuthentication;
  readonly #uses: "statuses" | "check_runs";

  constructor({ forge, client, authentication, uses }: GithubReporterOptions) {
    this.forge = forge;
    this.#client = client;
    this.#authentication = authentication;
    this.#uses = uses;
  }

  get restUntil(): number {
    return this.#client.restUntil;
  }

  async report(report: StatusReport, remoteId: string | null): Promise<string | null> {
    const [owner = "", name = "", ...more] = report.repository.split("/");
    if (owner === "" || name === "" || more.length > 0) {
      const problem = `"${report.repository}" is no owner and name`;
      throw new WaybillError("FORGE_SETTINGS_INVALID", { forge: "GitHub", problem });
    }
    const repository = ["repos", owner, name];
    if (this.#uses === "statuses") {
      const path = [...repository, "statuses", report.sha];
      await this.#send(owner, name, { method: "POST", path, body: statusOf(report) });
      return null;
    }
    const body = checkRunOf(report);
    if (remoteId !== null) {
      const path = [...repository, "check-runs", remoteId];
      await this.#send(owner, name, { method: "PATCH", path, body });
      return remoteId;
    }
    const path = [...repository, "check-runs"];
    const answer = await this.#send(owner, name, { method: "POST", path, body: { ...body, head_sha: report.sha } });
    const made = z.safeParse(checkRunSchema, answer);
    if (made.success) return String(made.data.id);
    const what = { host: this.#client.host, method: "POST", path: `/${path.join("/")}` };
    throw new WaybillError("FORGE_ANSWER_INVALID", { ...what, problem: "it has no id" });
  }

  async #send(owner: string, name: string, request: Omit<ForgeRequest, "headers">): Promise<unknown> {
    const authorization = await this.#authentication.authorization(owner, name);
    try {
      return await this.#sendAs(authorization, request);
    } catch (error) {
      if (!isUnauthorized(error)) throw error;
      // A token can be taken back before its end; another one is worth one try.
      this.#authentication.forget(owner, name);
      const renewed = await this.#authentication.authorization(owner, name);
      if (renewed === authorization) throw error;
      return await this.#sendAs(renewed, request);
    }
  }

  async #sendAs(authorization: string, request: Omit<ForgeRequest, "headers">): Promise<unknown> {
    const { body } = await this.#client.send({ ...request, headers: { ...API_HEADERS, authorization } });
    return body;
  }
}

function isUnauthorized(error: unknown): boolean {
  return error instanceof WaybillError && error.code === "FORGE_REFUSED" && / status 401:/.test(error.message);
}

function statusOf({ state, url, description, context }: StatusReport): object {
  return {
    state: STATUS[state],
    ...(url === null ? {} : { target_url: url }),
    description: shortened(description, MAX_DESCRIPTION),
    context,
  };
}

function checkRunOf({ state, url, description, context, startedAt, finishedAt }: StatusReport): object {
  const summary = { title: shortened(description, MAX_DESCRIPTION), summary: shortened(description, MAX_SUMMARY) };
  return {
    name: context,
    ...(url === null ? {} : { details_url: url }),
    ...(startedAt === null ? {} : { started_at: new Date(startedAt).toISOString() }),
    ...(state === "pending" || state === "running"
      ? { status: state === "pending" ? "queued" : "in_progress" }
      : {
          status: "completed",
          conclusion: CONCLUSION[state],
          ...(finishedAt === null ? {} : { completed_at: new Date(finishedAt).toISOString() }),
        }),
    output: summary,
  };
}
