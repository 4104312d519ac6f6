import { CircuitBreakers, WaybillError } from "@waybill/core";
import type { PipelineDefinition } from "@waybill/pipeline";
import { restoreRunState } from "./machine/restore-run-state.ts";
import { createRunState } from "./machine/run-state.ts";
import type { RunOrigin } from "./ports/run-queries.ts";
import type { NewRun, RunClaim, RunRecord, StoredEvent } from "./ports/run-store.ts";
import { clearLeftovers, clearRun, sweep } from "./run/clear-leftovers.ts";
import { lastTime, loadRun } from "./run/load-run.ts";
import { RunDriver } from "./run/run-driver.ts";
import { selectJobs } from "./run/select-jobs.ts";
import { cancelRun } from "./run/cancel-run.ts";
import { isSecretToGiveAgain, missingSecrets, namesToGiveAgain, secretsOf } from "./run/given-values.ts";
import type {
  EngineParts,
  EnginePorts,
  EnqueueRequest,
  NoticeListener,
  ResumeRequest,
  RunRequest,
  RunResult,
  UnfinishedListener,
} from "./run/request.ts";
import { RunMasking } from "./run/run-masking.ts";
import { Turns } from "./run/turns.ts";
import { isSettled } from "./statuses.ts";

export interface Engine {
  /**
   * Stores a new run and begins it in the next turn of the event loop: subscribe right away to miss nothing.
   * @throws WaybillError `RUN_UNKNOWN_JOB`, `RUN_SECRETS_MISSING`, `MASKING_*`, or what the store or the workspaces say
   */
  start(request: RunRequest): Promise<RunHandle>;
  /**
   * Stores a new run that `resume` begins, in this process or in another one that has the same store.
   * @throws WaybillError `RUN_UNKNOWN_JOB`, `RUN_SECRETS_MISSING`, or what the store says
   */
  enqueue(request: EnqueueRequest): Promise<RunRecord>;
  /**
   * Begins a run that was enqueued, or takes up a run whose process died, where it stood: what has settled is not repeated, what still runs is attached
   * to. Of a run that had ended and was not cleared away yet, the rest is cleared away.
   * Goes on in the next turn of the event loop: subscribe right away to miss nothing.
   * @throws WaybillError `RUN_OVER`, `RUN_IN_PROGRESS`, `RUN_VARIABLES_DIFFER`, `MASKING_*`, or what the store says
   */
  resume(request: ResumeRequest): Promise<ResumedRun>;
  /**
   * Ends a run that is under way. Where another process drives it, that process is asked to; where none does, because
   * it died, the run is ended here and now, and what is left of it cleared away.
   *
   * @param reason Default: `user`. That a run is superseded, the process that drives it finds out by itself; it is not
   *   asked to.
   * @returns `requested` or `cancelled`
   * @throws WaybillError `RUN_OVER`, or what the store says
   */
  cancel(run: RunRecord, reason?: "user" | "superseded"): Promise<"requested" | "cancelled">;
  /**
   * Clears away what is left of runs that had ended, or had not been stored yet, when their process died.
   * @returns what could not be cleared away, in words
   */
  sweep(): Promise<readonly string[]>;
}

export interface RunHandle {
  readonly id: string;
  readonly number: number;
  /** Resolves when all is settled and cleaned up. @throws WaybillError where the run could not be carried on */
  readonly finished: Promise<RunResult>;
  /** @returns a function that ends the subscription */
  subscribe(listener: NoticeListener): () => void;
  /** As `subscribe`, for lines that have not ended yet. */
  subscribeUnfinished(listener: UnfinishedListener): () => void;
  /** Nothing new starts; what runs gets SIGTERM and, after 30 s, SIGKILL. */
  cancel(reason: "user" | "superseded"): void;
  /** Ends everything at once. */
  kill(): void;
  /** What holds jobs of the run may have changed: they are asked for again at once. */
  wake(): void;
  /** Whether the run waits for nothing but what holds its jobs. */
  isHeld(): boolean;
  /**
   * Leaves the run as it is, running steps and files included, to whichever process resumes it: `finished` rejects with
   * `RUN_LET_GO` when this process has nothing to do with it any more.
   */
  letGo(): void;
}

export interface ResumedRun extends RunHandle {
  /** The one the run was started with. */
  readonly definition: PipelineDefinition;
  /** What was told before this process took the run up. */
  readonly history: readonly StoredEvent[];
}

export function createEngine(given: EnginePorts): Engine {
  // One for all its runs: a service that is down is down for each of them.
  const breakers = given.breakers ?? new CircuitBreakers(given.clock);
  const ports = { ...given, breakers, turns: new Turns() };
  return {
    start: (request) => startRun(ports, request),
    enqueue: async (request) => {
      const run = withReused(ports, newRun(ports, request, request.origin, request.id), request);
      return await ports.store.create(run, request.alongside?.(run.id));
    },
    resume: (request) => resumeRun(ports, request),
    cancel: (run, reason = "user") => cancelRun(ports, run, reason),
    sweep: () => sweep(ports),
  };
}

/** @throws WaybillError `RUN_UNKNOWN_JOB`, `RUN_SECRETS_MISSING` */
function newRun(
  { ids, clock }: EnginePorts,
  request: Omit<RunRequest, "concurrency"> & Pick<EnqueueRequest, "reused">,
  origin: RunOrigin | null,
  id: string = ids.next(),
): NewRun {
  const jobNames = selectJobs(request.definition, request.jobs);
  const running = jobNames.filter((name) => !(request.reused?.has(name) ?? false));
  const missing = missingSecrets(request.definition, running, request);
  if (missing.length > 0) throw new WaybillError("RUN_SECRETS_MISSING", { names: missing.join(", ") });
  return {
    id,
    pipelineName: request.definition.name,
    file: request.file,
    trigger: request.trigger,
    definition: request.definition,
    parameterNames: namesToGiveAgain(request),
    createdAt: clock.now(),
    origin,
    jobs: jobNames.map((name) => ({
      id: ids.next(),
      name,
      steps: (request.definition.jobs.get(name)?.steps ?? []).map((step) => ({ id: ids.next(), name: step.name })),
    })),
  };
}

function withReused({ ids }: EnginePorts, run: NewRun, { reused = new Map() }: EnqueueRequest): NewRun {
  if (reused.size === 0) return run;
  return {
    ...run,
    jobs: run.jobs.map((job) => {
      const made = reused.get(job.name);
      if (made === undefined) return job;
      // The files are the same, but they are this job's: each run has its own record of what it works with.
      return { ...job, reused: { ...made, artifacts: made.artifacts.map((each) => ({ ...each, id: ids.next() })) } };
    }),
  };
}

async function startRun(ports: EngineParts, request: RunRequest): Promise<RunHandle> {
  const run = newRun(ports, request, null);
  const masking = new RunMasking(request.secrets ?? {});
  checkExecutors(ports, run.definition, run.jobs);
  return await withClaim(await claimNew(ports, run.id), async (claim) => {
    const record = await createRun(ports, run);
    const driver = new RunDriver(
      ports,
      record,
      createRunState(run, request.concurrency),
      request,
      masking,
      run.createdAt,
    );
    driver.start();
    return handleOf(record, driver, claim);
  });
}

async function resumeRun(ports: EngineParts, request: ResumeRequest): Promise<ResumedRun> {
  const { store } = ports;
  const claimed = await store.claim(request.run.id);
  if (claimed === null) throw new WaybillError("RUN_IN_PROGRESS", { run: request.run.number });
  return await withClaim(claimed, async (claim) => {
    // As it is now that nobody else changes it any more.
    const record = await store.find(request.run.id);
    if (record === null || isSettled(record.status)) {
      await clearRun(ports, request.run.id);
      throw new WaybillError("RUN_OVER", { run: request.run.number, status: record?.status ?? "gone" });
    }
    const expected = await store.parameterNames(record.id);
    checkNames(record, expected, namesToGiveAgain(request));
    // Of secrets, more than at first may be given: they are masked, but the run goes on with those it began with.
    const masking = new RunMasking(request.secrets ?? {});
    const variables = { ...request, secrets: secretsOf(expected, request) };
    const stored = await loadRun(store, record);
    checkExecutors(
      ports,
      stored.definition,
      stored.jobs.filter((job) => !isSettled(job.status)),
    );
    // A run that was enqueued has no files yet; of one that had begun they are not taken anew.
    if (record.status === "pending") await ports.workspaces.snapshot(record.id);
    const restored = restoreRunState(stored, request.concurrency, Math.max(ports.clock.now(), lastTime(stored)));
    await clearLeftovers(ports, restored.state);
    const driver = new RunDriver(ports, record, restored.state, variables, masking, lastTime(stored));
    driver.resume(restored);
    return { ...handleOf(record, driver, claim), definition: stored.definition, history: stored.events };
  });
}

/** How long a claim on a new run is tried for, and how often. */
const CLAIM_PATIENCE_MS = 30_000;
const CLAIM_POLL_MS = 5;

/**
 * Nobody else can want to drive a run that is not stored yet. But a process that sweeps may have come upon the claim
 * before it was ours, and holds it until it has seen that there is nothing to clear away.
 */
async function claimNew({ store, clock }: EnginePorts, runId: string): Promise<RunClaim> {
  const startedAt = clock.monotonic();
  for (;;) {
    const claim = await store.claim(runId);
    if (claim !== null) return claim;
    if (clock.monotonic() - startedAt >= CLAIM_PATIENCE_MS) throw new WaybillError("RUN_IN_PROGRESS", { run: runId });
    await new Promise<void>((resolve) => clock.setTimer(CLAIM_POLL_MS, resolve));
  }
}

/** One process drives a run; the claim is held until the run has finished, or could not begin. */
async function withClaim<Handle>(claim: RunClaim, begin: (claim: RunClaim) => Promise<Handle>): Promise<Handle> {
  try {
    return await begin(claim);
  } catch (error) {
    await claim.release(error instanceof WaybillError && error.code === "RUN_OVER");
    throw error;
  }
}

function handleOf(record: RunRecord, driver: RunDriver, claim: RunClaim): RunHandle {
  const letGo = (): void => driver.letGo(claim.lost.reason);
  claim.lost.addEventListener("abort", letGo, { once: true });
  if (claim.lost.aborted) letGo();
  const finished = releaseBehind(driver, claim).finally(() => claim.lost.removeEventListener("abort", letGo));
  // Whoever started the run learns of its failure from `finished`, also when they look at it late.
  finished.catch(() => undefined);
  return {
    id: record.id,
    number: record.number,
    finished,
    subscribe: (listener) => driver.subscribe(listener),
    subscribeUnfinished: (listener) => driver.subscribeUnfinished(listener),
    cancel: (reason) => driver.cancel(reason),
    kill: () => driver.kill(),
    wake: () => driver.wake(),
    isHeld: () => driver.isHeld,
    letGo: () => driver.letGo(new WaybillError("RUN_LET_GO", { run: record.number })),
  };
}

/** A claim whose file stays behind leads later commands to what could not be cleared away now. */
async function releaseBehind(driver: RunDriver, claim: RunClaim): Promise<RunResult> {
  let isOver = false;
  try {
    const result = await driver.finished;
    isOver = driver.isCleared;
    return result;
  } finally {
    await claim.release(isOver);
  }
}

/** A run whose jobs have nowhere to run does not begin. @throws WaybillError */
function checkExecutors(
  { executors }: EnginePorts,
  definition: PipelineDefinition,
  jobs: readonly { readonly name: string }[],
): void {
  for (const { name } of jobs) {
    const job = definition.jobs.get(name);
    if (job !== undefined) executors.choose(job);
  }
}

/** The snapshot comes first: a run that cannot have its files is not stored at all. */
async function createRun(ports: EnginePorts, run: NewRun): Promise<RunRecord> {
  try {
    await ports.workspaces.snapshot(run.id);
    return await ports.store.create(run);
  } catch (error) {
    // Half a snapshot may lie there. The first error is the one to tell.
    await ports.workspaces.removeRun(run.id).catch(() => undefined);
    throw error;
  }
}

/** Values are not stored, as they may be secret; with others than at first, the steps to come would not fit those before. */
function checkNames(run: RunRecord, expected: readonly string[], given: readonly string[]): void {
  const missing = expected.filter((name) => !given.includes(name));
  const unknown = given.filter((name) => !expected.includes(name) && !isSecretToGiveAgain(name));
  if (missing.length + unknown.length === 0) return;
  const problem = [
    missing.length === 0 ? "" : `it needs ${missing.join(", ")} again, as values are not stored`,
    unknown.length === 0 ? "" : `it was started without ${unknown.join(", ")}`,
  ];
  throw new WaybillError("RUN_VARIABLES_DIFFER", {
    run: run.number,
    problem: problem.filter((text) => text !== "").join("; "),
  });
}
