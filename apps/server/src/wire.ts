import manifest from "../package.json" with { type: "json" };
import { openArtifactStore, RetentionPolicyEngine } from "@waybill/artifacts";
import { CircuitBreakers, fileError, systemClock, systemIds, systemRandom, WaybillError } from "@waybill/core";
import { openRunStore } from "@waybill/database";
import { createEngine } from "@waybill/engine";
import { openWorkspaces } from "@waybill/executors";
import { openMirrors } from "@waybill/git";
import { openLogStore } from "@waybill/logs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { oidcOf, openKeyRing } from "./access/access-settings.ts";
import { createGuard } from "./access/guard.ts";
import { openAccess } from "./access/open-access.ts";
import { keepUpAccess } from "./access/upkeep.ts";
import { routes } from "./api/routes.ts";
import { serverExecutors, type ServerExecutorsOptions } from "./executors.ts";
import { ExecutionTokens } from "./access/execution-tokens.ts";
import type { HttpOptions } from "./http/build-http.ts";
import { IdempotentRequests } from "./http/idempotency.ts";
import { listen } from "./http/listen.ts";
import { RateLimits } from "./http/rate-limits.ts";
import { ArtifactCleanup } from "./maintenance/artifact-cleanup.ts";
import { readRetentionRules } from "./maintenance/retention-file.ts";
import { dataPaths } from "./paths.ts";
import { checkoutSource } from "./runs/checkout-source.ts";
import { EnvironmentGate } from "./runs/environment-gate.ts";
import { EventFeed } from "./runs/event-feed.ts";
import { Peers } from "./runs/peers.ts";
import { ReportedExecutions } from "./runs/reported-executions.ts";
import { RunChanges } from "./runs/run-changes.ts";
import { RunSecrets } from "./runs/run-secrets.ts";
import { StorageUses } from "./storage/storage-use.ts";
import { sweepScratch } from "./runs/sweep-scratch.ts";
import { RunService } from "./runs/run-service.ts";
import { countedArtifacts } from "./telemetry/counted-artifacts.ts";
import { ServerMetrics } from "./telemetry/metrics.ts";
import { RequestTelemetry } from "./telemetry/request-telemetry.ts";
import { RunObserver } from "./telemetry/run-observer.ts";
import { RunTracer } from "./telemetry/run-tracer.ts";
import { timedStore } from "./telemetry/timed-store.ts";
import { openTracing } from "./telemetry/tracing.ts";
import { RecentErrors, rememberingLog } from "./system/recent-errors.ts";
import type { ServerLog } from "./server-log.ts";
import type { Services } from "./services.ts";
import { readForges } from "./settings/forges.ts";
import type { Settings } from "./settings/settings.ts";
import { openForges } from "./triggers/open-forges.ts";
import { projectMirrors } from "./triggers/project-mirrors.ts";
import { findWeb } from "./web/find-web.ts";
import { WebPages } from "./web/web-pages.ts";
import { openTriggers, triggerParts, type TriggersOptions } from "./triggers/open-triggers.ts";

export type ServerOptionsForTests = Pick<HttpOptions, "checkResponses" | "requestTimeoutMs"> &
  Pick<ServerExecutorsOptions, "openProcess"> & {
    /** See `Peers`. */
    readonly patienceMs?: number;
  };

/** A server that serves. */
export interface Server {
  /** For example `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly services: Services;
  /** Stops accepting, waits for requests that are under way, leaves runs to go on, closes the store. */
  close(): Promise<void>;
}

/**
 * Opens the store and brings it up to date, takes up the runs that were under way, and only then serves.
 *
 * @throws WaybillError `STORE_*`, `SERVER_CANNOT_LISTEN`
 */
export async function openServer(
  settings: Settings,
  environment: Readonly<Record<string, string | undefined>>,
  operatorLog: ServerLog,
  { openProcess, patienceMs, ...forTests }: ServerOptionsForTests = {},
): Promise<Server> {
  const clock = systemClock;
  const errors = new RecentErrors(clock);
  const log = rememberingLog(operatorLog, errors);
  const paths = dataPaths(settings.data);
  await prepareDirectories(settings, paths.scratch);
  await using stack = new AsyncDisposableStack();
  const opened = await openRunStore(settings.database);
  stack.defer(() => opened.close());
  const tracing = await openTracing(environment, (error) =>
    log.component("traces").warn("traces", { detail: String(error) }),
  );
  if (tracing !== null) stack.defer(() => tracing.close());
  const metrics: ServerMetrics = new ServerMetrics(
    () => opened.unfinishedCounts(),
    () => runs.driven,
    () => clock.now(),
  );
  const store = timedStore(opened, (...observed) => metrics.stored(...observed));
  const records = store.projectRecords();
  const forges = openForges(settings.forges === null ? [] : await readForges(settings.forges), clock);
  const { fileRepositories } = settings;
  const mirrors = projectMirrors(
    openMirrors(paths.mirrors, {
      ...{ clock, environment, fileDirectories: fileRepositories, scratchDirectory: paths.scratch },
    }),
    forges,
  );
  const isFailure = (error: unknown): boolean => error instanceof WaybillError && error.code === "IMAGE_PULL_FAILED";
  const breakers = new CircuitBreakers(clock, { isFailure });
  const { executor: mode, maxima } = settings;
  const executors = stack.use(serverExecutors({ mode, paths, environment, clock, breakers, maxima, openProcess }));
  const rules = await readRetentionRules(settings);
  const artifacts = openArtifactStore(settings.artifacts, {
    clock,
    ...(rules.maxStorageGb === null ? {} : { maxStorageGb: rules.maxStorageGb }),
    onQuarantine: async ({ expected_hash: contentHash, ...details }) =>
      await store
        .artifactRecords()
        .audit([{ time: clock.now(), kind: "corruption", contentHash, jobId: null, delta: null, details }]),
  });
  const logs = openLogStore(paths.logs);
  const source = checkoutSource(store, records, mirrors);
  const ring = await openKeyRing(settings, environment);
  const executionTokens = new ExecutionTokens(ring, clock);
  const reports = store.executionReports();
  // Known once it listens, which is after the runs of before are taken up.
  const address = Promise.withResolvers<string>();
  address.promise.catch(() => undefined);
  stack.defer(() => address.reject(new WaybillError("API_SHUTTING_DOWN", {})));
  const reported = new ReportedExecutions({ reports, tokens: executionTokens, clock, url: address.promise });
  const { maxRuns, maxJobs, forkApproval: forkPolicy, publicUrl } = settings;
  const accessStore = await store.accessStore();
  const access = openAccess({
    store: accessStore,
    ring,
    clock,
    ids: systemIds,
    publicUrl,
    oidc: await oidcOf(settings),
  });
  const secrets = new RunSecrets(access);
  const gate = new EnvironmentGate({ clock, store, records, access, secrets });
  const engine = createEngine({
    clock,
    random: systemRandom,
    ids: systemIds,
    store,
    executors,
    breakers,
    gate,
    workspaces: openWorkspaces({ directory: paths.workspaces, source }),
    artifacts: countedArtifacts(artifacts, metrics),
    logs,
    callbacks: reported,
  });
  const signals = opened.openSignals();
  stack.defer(() => signals.close());
  const peers = new Peers(signals, patienceMs);
  const changes = new RunChanges(clock, peers);
  opened.onServerEvents(() => changes.eventsChanged());
  const common = { clock, store, records, mirrors, changes, access };
  const triggerOptions: TriggersOptions = {
    ...common,
    ids: systemIds,
    stores: await store.triggerStores(),
    ring,
    approvals: access.approvals,
    log: log.component("triggers"),
    environment,
    forkPolicy,
    forges,
    publicUrl,
  };
  const parts = triggerParts(triggerOptions);
  stack.defer(() => parts.statuses.stop());
  const observer = new RunObserver({
    log: log.component("runs"),
    metrics,
    tracer: tracing === null ? null : new RunTracer(tracing),
  });
  const driving = { engine, executors, peers, secrets, observer, gate: parts.gate, statuses: parts.statuses };
  const runs = new RunService({ ...common, ...driving, log: log.component("runs"), maxRuns, maxJobs, environment });
  stack.defer(() => runs.stop());
  const triggers = openTriggers(triggerOptions, parts, runs);
  stack.defer(() => triggers.stop());
  const feed = new EventFeed(store, clock, log.component("events"));
  stack.defer(() => feed.stop());
  stack.use(keepUpAccess(access, clock, log));
  const ending = new AbortController();
  const retention = new RetentionPolicyEngine({
    ...{ backend: artifacts.backend, records: store.artifactRecords(), clock },
    policies: rules.policies,
  });
  const cleanup = new ArtifactCleanup(retention, clock, log);
  const artifactLists = store.artifactLists();
  const services: Services = {
    ...common,
    ids: systemIds,
    logs,
    artifacts,
    runs,
    triggers,
    metrics,
    feed,
    search: await store.search(),
    samples: store.runSamples(),
    artifactRecords: store.artifactRecords(),
    artifactLists,
    system: {
      version: manifest.version,
      startedAt: clock.now(),
      executorMode: mode,
      executors,
      database: store.databaseFacts(),
      errors,
    },
    address: () => publicUrl ?? listener.url,
    storage: new StorageUses(artifacts, artifactLists, clock, rules.policies),
    lastCleanup: () => cleanup.last,
    reports,
    reported,
    executionTokens,
    scratchDirectory: paths.scratch,
    checkStore: async () => void (await store.list(1)),
    isAccepting: () => !ending.signal.aborted,
  };
  const onFailure = (error: unknown, requestId: string): void =>
    log.component("http").error("a request failed", { request_id: requestId }, error);
  const guard = createGuard(access.authenticator, { store, records, accessStore });
  const telemetry = new RequestTelemetry(metrics, tracing);
  const ofAccess = { guard, isSecure: access.isSecure, trustedProxies: settings.trustedProxies };
  const idempotent = new IdempotentRequests(store.idempotencyRecords(), clock);
  stack.defer(() => idempotent.stop());
  const ofRequests = { telemetry, idempotent, limits: new RateLimits(clock, settings.rateLimit) };
  const { signal } = ending;
  const web = findWeb();
  const pages = { web: web === null ? null : new WebPages(web) };
  const http = {
    ...pages,
    routes,
    services,
    ids: systemIds,
    ending: signal,
    ...ofAccess,
    ...ofRequests,
    onFailure,
    ...forTests,
  };
  for (const id of await access.secrets.missingKeys()) log.warn("secrets need a key that is not there", { key: id });
  await runs.recover();
  await triggers.start();
  cleanup.start();
  stack.defer(() => cleanup.stop());
  const listener = await listen(http, settings.listen);
  address.resolve(publicUrl ?? listener.url);
  stack.defer(() => listener.stop());
  stack.defer(() => ending.abort());
  const whole = stack.move();
  return { url: listener.url, services, close: () => whole.disposeAsync() };
}

async function prepareDirectories({ data, database }: Settings, scratch: string): Promise<void> {
  try {
    // Logs and workspaces may hold secrets.
    await mkdir(data, { recursive: true, mode: 0o700 });
    if (!database.includes("://")) await mkdir(dirname(database), { recursive: true, mode: 0o700 });
    await mkdir(scratch, { recursive: true, mode: 0o700 });
    await sweepScratch(scratch, systemClock.now());
  } catch (error) {
    throw fileError(error, data);
  }
}
