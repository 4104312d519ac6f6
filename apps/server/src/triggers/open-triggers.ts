import type { ApprovalService, KeyRing } from "@waybill/access";
import { systemRandom, type Clock, type Ids } from "@waybill/core";
import type { RunStore } from "@waybill/engine";
import type { ForkPolicy, ProjectRecords, TriggerStores } from "@waybill/projects";
import { RunGate } from "../runs/run-gate.ts";
import type { RunService } from "../runs/run-service.ts";
import type { ServerLog } from "../server-log.ts";
import { CronTicker } from "./cron-ticker.ts";
import { DeliveryWorker } from "./delivery-worker.ts";
import type { InterpretationContext } from "./interpret-event.ts";
import type { Forges } from "./open-forges.ts";
import type { ProjectMirrors } from "./project-mirrors.ts";
import { StatusReports } from "./status-reports.ts";
import { WebhookSecrets } from "./webhook-secrets.ts";

/** What starts runs by itself, as handlers of routes use it. */
export interface Triggers {
  readonly stores: TriggerStores;
  readonly secrets: WebhookSecrets;
  readonly worker: DeliveryWorker;
  readonly interpretation: InterpretationContext;
  /** Of a repository, the default branch may say something else now. */
  readonly pushed: (repositoryId: string) => void;
}

export interface TriggersOptions {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly store: RunStore;
  readonly records: ProjectRecords;
  readonly mirrors: ProjectMirrors;
  readonly stores: TriggerStores;
  readonly ring: KeyRing;
  readonly approvals: ApprovalService;
  readonly log: ServerLog;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly forkPolicy: ForkPolicy;
  readonly forges: Pick<Forges, "reporters" | "reporterFor">;
  readonly publicUrl: string | null;
}

/** What runs need of triggers before there is anything that starts them. */
export interface TriggerParts {
  readonly secrets: WebhookSecrets;
  readonly gate: RunGate;
  readonly statuses: StatusReports;
}

export function triggerParts(options: TriggersOptions): TriggerParts {
  const { clock, ids, store, records, stores, ring, approvals, log, forges, publicUrl } = options;
  const secrets = new WebhookSecrets(stores.webhookSecrets, ring, clock, ids);
  const common = { clock, store, records, log };
  return {
    secrets,
    gate: new RunGate({ ...common, groups: stores.groups, approvals }),
    statuses: new StatusReports({
      ...common,
      random: systemRandom,
      outbox: stores.statuses,
      forges,
      addressOf: async (repositoryId) =>
        (await secrets.ofRepository(repositoryId)).findLast(({ address }) => address !== null)?.address ?? null,
      publicUrl,
    }),
  };
}

export interface OpenedTriggers extends Triggers {
  /** To be called once runs are driven. */
  start(): Promise<void>;
  /** Takes nothing more; to be called before runs are let go of. */
  stop(): Promise<void>;
}

export function openTriggers(
  { clock, records, mirrors, stores, log, environment, forkPolicy }: TriggersOptions,
  { secrets, statuses }: TriggerParts,
  runs: RunService,
): OpenedTriggers {
  const interpretation = { records, mirrors, runs, forkPolicy };
  const ticker = new CronTicker({ clock, records, mirrors, runs, ticks: stores.ticks, log, environment });
  const worker = new DeliveryWorker({
    ...interpretation,
    clock,
    deliveries: stores.deliveries,
    secrets,
    log,
    onInterpreted: (repository) => ticker.changed(repository.id),
  });
  return {
    stores,
    secrets,
    worker,
    interpretation,
    pushed: (repositoryId) => ticker.changed(repositoryId),
    async start() {
      for (const { id, keyId } of await secrets.reencrypt()) {
        log.warn("a webhook's secret cannot be decrypted", { secret: id, key: keyId });
      }
      worker.start();
      ticker.start();
      statuses.start();
    },
    async stop() {
      await Promise.all([worker.stop(), ticker.stop()]);
    },
  };
}
