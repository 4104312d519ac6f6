import { systemPrincipal, type ApprovalService, type SecretService, type SecretsRequest } from "@waybill/access";
import type { RunOrigin } from "@waybill/engine";
import type { Pipeline } from "@waybill/projects";

export interface RunSecretsSources {
  readonly secrets: SecretService;
  readonly approvals: ApprovalService;
}

type Asking = Pick<RunOrigin, "gitRef" | "triggerEvent">;

const BRANCH = "refs/heads/";
const RUNS = systemPrincipal("runs");

/** The secrets that the jobs of a run get. */
export class RunSecrets {
  readonly #sources: RunSecretsSources;

  constructor(sources: RunSecretsSources) {
    this.#sources = sources;
  }

  /** Names of what a run that is stored now will need each time it is driven. */
  async namesFor(pipeline: Pipeline, origin: Asking): Promise<readonly string[]> {
    // Nobody has approved what is not there yet.
    return await this.#sources.secrets.namesFor(requestOf(pipeline, origin, { runId: "", isApproved: false }));
  }

  /** By name. That they were given is in the audit log. @throws WaybillError `SECRET_UNREADABLE` */
  async valuesFor(pipeline: Pipeline, origin: Asking, runId: string): Promise<Readonly<Record<string, string>>> {
    const approvals = isFork(origin) ? await this.#sources.approvals.ofRun(runId) : [];
    const isApproved = approvals.some(({ kind, status }) => kind === "fork_run" && status === "approved");
    return Object.fromEntries(
      await this.#sources.secrets.secretsFor(RUNS, requestOf(pipeline, origin, { runId, isApproved })),
    );
  }
}

function requestOf(
  pipeline: Pipeline,
  origin: Asking,
  { runId, isApproved }: Pick<SecretsRequest, "runId" | "isApproved">,
): SecretsRequest {
  const { gitRef } = origin;
  return {
    projectId: pipeline.projectId,
    runId,
    // A run has its secrets as a whole, and is of no environment.
    jobName: "",
    environment: null,
    branch: gitRef.startsWith(BRANCH) && !isFork(origin) ? gitRef.slice(BRANCH.length) : null,
    isFork: isFork(origin),
    isApproved,
  };
}

/** Whether the commit comes from a repository of somebody else. */
function isFork({ triggerEvent }: Asking): boolean {
  return triggerEvent["is_fork"] === true || triggerEvent["isFork"] === true;
}
