import { systemPrincipal, type ApprovalService, type SecretService, type SecretsRequest } from "@waybill/access";
import type { RunOrigin } from "@waybill/engine";
import type { PipelineDefinition, PipelineJob } from "@waybill/pipeline";
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

  /**
   * Names of what a run that is stored now will need each time it is driven.
   *
   * @param awaitsApproval whether it does not begin before somebody has let it have secrets
   */
  async namesFor(pipeline: Pipeline, origin: Asking, awaitsApproval = false): Promise<readonly string[]> {
    const isApproved = awaitsApproval;
    return await this.#sources.secrets.namesFor(requestOf(pipeline, origin, { runId: "", isApproved }));
  }

  /** By job, names of those that it has of its environment when it begins; jobs without an environment have none. */
  async namesForJobs(
    pipeline: Pipeline,
    origin: Asking,
    { jobs }: Pick<PipelineDefinition, "jobs">,
    awaitsApproval = false,
  ): Promise<ReadonlyMap<string, readonly string[]>> {
    const isApproved = awaitsApproval;
    const ofEnvironments = new Map<string, readonly string[]>();
    const names = new Map<string, readonly string[]>();
    for (const { name, deploysTo: environment } of jobs.values()) {
      if (environment === null) continue;
      const request = requestOf(pipeline, origin, { runId: "", isApproved, environment, jobName: name });
      const known = ofEnvironments.get(environment) ?? (await this.#sources.secrets.namesFor(request));
      ofEnvironments.set(environment, known);
      names.set(name, known);
    }
    return names;
  }

  /**
   * Those of a job that may begin on its environment, and of its project. That they were given is in the audit log.
   * @throws WaybillError `SECRET_UNREADABLE`
   */
  async valuesForJob(
    pipeline: Pipeline,
    origin: Asking,
    runId: string,
    { name: jobName, deploysTo: environment }: PipelineJob,
  ): Promise<Readonly<Record<string, string>>> {
    const isApproved = await this.#isApproved(origin, runId);
    const request = requestOf(pipeline, origin, { runId, isApproved, environment, jobName });
    return Object.fromEntries(await this.#sources.secrets.secretsFor(RUNS, request));
  }

  async #isApproved(origin: Asking, runId: string): Promise<boolean> {
    const approvals = isFork(origin) ? await this.#sources.approvals.ofRun(runId) : [];
    return approvals.some(({ kind, status }) => kind === "fork_run" && status === "approved");
  }

  /** By name. That they were given is in the audit log. @throws WaybillError `SECRET_UNREADABLE` */
  async valuesFor(pipeline: Pipeline, origin: Asking, runId: string): Promise<Readonly<Record<string, string>>> {
    const isApproved = await this.#isApproved(origin, runId);
    return Object.fromEntries(
      await this.#sources.secrets.secretsFor(RUNS, requestOf(pipeline, origin, { runId, isApproved })),
    );
  }
}

function requestOf(
  pipeline: Pipeline,
  origin: Asking,
  {
    runId,
    isApproved,
    // What a run has as a whole is of no environment.
    environment = null,
    jobName = "",
  }: Pick<SecretsRequest, "runId" | "isApproved"> & Partial<Pick<SecretsRequest, "environment" | "jobName">>,
): SecretsRequest {
  const { gitRef } = origin;
  return {
    projectId: pipeline.projectId,
    runId,
    jobName,
    environment,
    branch: gitRef.startsWith(BRANCH) && !isFork(origin) ? gitRef.slice(BRANCH.length) : null,
    isFork: isFork(origin),
    isApproved,
  };
}

/** Whether the commit comes from a repository of somebody else. */
export function isFork({ triggerEvent }: Asking): boolean {
  return triggerEvent["is_fork"] === true || triggerEvent["isFork"] === true;
}
