import {
  mayUse,
  systemPrincipal,
  unknownEnvironment,
  type AccessStore,
  type ApprovalRecord,
  type ApprovalService,
  type EnvironmentRecord,
  type EnvironmentService,
} from "@waybill/access";
import { clip, WaybillError, type Clock } from "@waybill/core";
import type { GateAnswer, GatedJob, JobGate, RunOrigin, RunRecord, RunStore } from "@waybill/engine";
import type { PipelineJob } from "@waybill/pipeline";
import type { Pipeline, ProjectRecords } from "@waybill/projects";
import { authorsOf } from "./authors.ts";
import { isFork, type RunSecrets } from "./run-secrets.ts";

export interface EnvironmentGateOptions {
  readonly clock: Clock;
  readonly store: RunStore;
  readonly records: ProjectRecords;
  readonly access: {
    readonly store: AccessStore;
    readonly approvals: ApprovalService;
    readonly environments: EnvironmentService;
  };
  readonly secrets: RunSecrets;
}

/** How long people may take to approve a job. */
const APPROVAL_DAYS = 14;
const APPROVAL_MS = APPROVAL_DAYS * 24 * 3_600_000;
/** Of what somebody wrote, as part of a reason. */
const MAX_COMMENT = 300;
const RUNS = systemPrincipal("runs");

interface Asked {
  readonly run: RunRecord;
  readonly origin: RunOrigin;
  readonly pipeline: Pipeline;
}

/**
 * What stands before a job that names an environment: its rules as they are now. All that is decided is kept in approvals,
 * so whichever server drives the run gives the same answers.
 */
export class EnvironmentGate implements JobGate {
  readonly #options: EnvironmentGateOptions;

  constructor(options: EnvironmentGateOptions) {
    this.#options = options;
  }

  guards({ deploysTo }: PipelineJob): boolean {
    return deploysTo !== null;
  }

  async ask({ runId, job }: GatedJob): Promise<GateAnswer> {
    const name = job.deploysTo ?? "";
    const { approvals, environments } = this.#options.access;
    const about = await this.#find(runId);
    const { projectId } = about.pipeline;
    const environment = await environments.find(projectId, name);
    const ofJob = (await approvals.ofRun(runId)).find(({ kind, subject }) => kind === "job" && subject === job.name);
    if (environment === null) return await this.#unknown(projectId, name, ofJob);
    const { gitRef } = about.origin;
    if (!mayUse(environment, gitRef, isFork(about.origin))) return wrongRef(environment, about.origin);
    if (environment.requiredApprovals === 0) {
      // It asked for some when the job became due, and does so no more.
      if (ofJob?.status === "pending") await approvals.cancel(RUNS, ofJob.id).catch(ignoreClosed);
      return { verdict: "go", message: `${name} asks for no approval` };
    }
    return verdictOf(ofJob ?? (await this.#request(environment, job, about)), about.run, job);
  }

  async secretsOf({ runId, job }: GatedJob): Promise<Readonly<Record<string, string>>> {
    const { pipeline, origin } = await this.#find(runId);
    return await this.#options.secrets.valuesForJob(pipeline, origin, runId, job);
  }

  async #find(runId: string): Promise<Asked> {
    const { store, records } = this.#options;
    const [run, origin] = await Promise.all([store.find(runId), store.origin(runId)]);
    const pipeline = origin === null ? null : await records.pipelines.find(origin.pipelineId);
    if (run !== null && origin !== null && pipeline !== null) return { run, origin, pipeline };
    throw new WaybillError("API_NOT_FOUND", { kind: "run", id: runId });
  }

  /** A project without environments protects none; one that has some would lose its protection by a slip of the finger. */
  async #unknown(projectId: string, name: string, ofJob: ApprovalRecord | undefined): Promise<GateAnswer> {
    const others = await this.#options.access.environments.ofProject(projectId);
    if (others.length === 0 && ofJob === undefined) {
      return { verdict: "go", message: "the project has no environments" };
    }
    const { message, remedy } = unknownEnvironment(name, others);
    return { verdict: "refuse", message: inSentence(message), remedy };
  }

  async #request(environment: EnvironmentRecord, job: PipelineJob, about: Asked): Promise<ApprovalRecord> {
    const { access, clock } = this.#options;
    return await access.approvals.request(RUNS, {
      projectId: environment.projectId,
      runId: about.run.id,
      kind: "job",
      subject: job.name,
      environment: environment.name,
      digest: about.origin.gitSha,
      authorIds: await authorsOf(access.store, about.origin),
      approverIds: environment.approverIds,
      required: environment.requiredApprovals,
      mayAuthorApprove: !environment.preventSelfApproval,
      expiresAt: clock.now() + APPROVAL_MS,
    });
  }
}

function wrongRef({ name, branches }: EnvironmentRecord, { gitRef }: RunOrigin): GateAnswer {
  return {
    verdict: "refuse",
    message: `${gitRef} may not use ${name}, which is for ${branches.join(", ")}`,
    remedy: `Run it on a branch that may, leave the job out elsewhere with a condition, or change the environment's branches with \`waybill environments edit\`.`,
  };
}

function verdictOf(approval: ApprovalRecord, run: RunRecord, job: PipelineJob): GateAnswer {
  const { status, environment } = approval;
  const again = "Run the job again to ask anew.";
  switch (status) {
    case "approved": {
      const names = approval.decisions.map(({ actorId }) => nameOf(actorId));
      return { verdict: "go", message: `approved by ${names.join(", ")}` };
    }
    case "pending": {
      const remedy = `Somebody who may has to decide: \`waybill approve ${run.number} ${job.name}\`.`;
      return { verdict: "hold", message: `waiting for approval of ${environment}`, remedy };
    }
    case "rejected": {
      const { actorId = "", comment = "" } = approval.decisions.find(({ verdict }) => verdict === "reject") ?? {};
      const why = comment === "" ? "" : `: ${clip(comment, MAX_COMMENT)}`;
      return { verdict: "refuse", message: `${nameOf(actorId)} rejected it for ${environment}${why}`, remedy: again };
    }
    case "expired":
      return {
        verdict: "refuse",
        message: `it was not approved for ${environment} within ${APPROVAL_DAYS} days`,
        remedy: again,
      };
    case "cancelled":
      return { verdict: "refuse", message: `its approval for ${environment} was withdrawn`, remedy: again };
  }
}

/** `user:ann` -> `ann` */
function nameOf(actorId: string): string {
  return actorId.replace(/^user:/, "");
}

function inSentence(message: string): string {
  return message.slice(0, 1).toLowerCase() + message.slice(1);
}

function ignoreClosed(error: unknown): void {
  if (!(error instanceof WaybillError) || error.code !== "APPROVAL_CLOSED") throw error;
}
