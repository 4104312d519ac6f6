import { WaybillError, type Clock, type Timer } from "@waybill/core";
import {
  derivedId,
  webhookSource,
  type DeliverySettlement,
  type Repository,
  type StoredDelivery,
  type TriggerDecision,
  type TriggerEvent,
  type WebhookDeliveries,
} from "@waybill/projects";
import { within } from "../patience.ts";
import type { ServerLog } from "../server-log.ts";
import { interpretEvent, isAbout, type InterpretationContext } from "./interpret-event.ts";
import type { WebhookSecrets } from "./webhook-secrets.ts";

export interface DeliveryWorkerOptions extends InterpretationContext {
  readonly clock: Clock;
  readonly deliveries: WebhookDeliveries;
  readonly secrets: WebhookSecrets;
  readonly log: ServerLog;
  /** Told of events of a repository that were interpreted. */
  readonly onInterpreted: (repository: Repository, event: TriggerEvent) => void;
}

/** How often deliveries are looked for that other servers have received or left. */
const LOOK_MS = 2_000;
/** A server that dies leaves what it had for so long. */
const LEASE_MS = 9_000;
const RENEW_MS = 3_000;
/** Deliveries of different repositories at once: one that is slow to fetch does not hold up the others. */
const AT_ONCE = 4;
/** Before what failed of something that may pass is tried again. */
const DELAYS_MS = [5_000, 30_000, 120_000];
/** At shutdown, for what is under way. */
const PATIENCE_MS = 10_000;
/** How long deliveries are kept. */
const KEEP_MS = 30 * 24 * 3_600_000;
const FORGET_MS = 3_600_000;

/** Failures that may have passed a while later. */
const PASSING: ReadonlySet<string> = new Set(["GIT_UNREACHABLE", "GIT_TIMED_OUT", "GIT_FAILED"]);

/** Interprets webhooks behind their answer. Of one repository one follows the other, as they came. */
export class DeliveryWorker {
  readonly #options: DeliveryWorkerOptions;
  /** The last delivery of each repository that is being worked on. */
  readonly #lastOf = new Map<string, Promise<void>>();
  readonly #active = new Set<Promise<void>>();
  #pump: Promise<void> = Promise.resolve();
  #pumpIsDue = false;
  #timer: Timer | null = null;
  #isStopped = false;
  #forgottenAt = -Infinity;

  constructor(options: DeliveryWorkerOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#isStopped) return;
    this.wake();
    this.#timer = this.#options.clock.setTimer(LOOK_MS, () => this.start());
  }

  /** Looks for deliveries soon. */
  wake(): void {
    if (this.#pumpIsDue || this.#isStopped) return;
    this.#pumpIsDue = true;
    setImmediate(() => {
      this.#pumpIsDue = false;
      this.#pump = this.#pump.then(() => this.#takeAll()).catch((error: unknown) => this.#failed(error));
    });
  }

  /** Takes nothing more. What is under way and does not end soon is left to the next server. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#pump;
    await within(this.#options.clock, PATIENCE_MS, Promise.all(this.#active));
  }

  async #takeAll(): Promise<void> {
    const { clock, deliveries } = this.#options;
    if (clock.monotonic() - this.#forgottenAt > FORGET_MS) {
      this.#forgottenAt = clock.monotonic();
      await deliveries.forget(clock.now() - KEEP_MS);
    }
    while (!this.#isStopped && this.#active.size < AT_ONCE) {
      const now = clock.now();
      const delivery = await deliveries.take(now, now + LEASE_MS);
      if (delivery === null) return;
      const key = delivery.repositoryId ?? delivery.secretId;
      const before = this.#lastOf.get(key) ?? Promise.resolve();
      const work = this.#keep(delivery, before).finally(() => {
        this.#active.delete(work);
        if (this.#lastOf.get(key) === work) this.#lastOf.delete(key);
        this.wake();
      });
      this.#active.add(work);
      this.#lastOf.set(key, work);
    }
  }

  /** Holds on to a delivery until all is done with it. Never rejects. */
  async #keep(delivery: StoredDelivery, before: Promise<void>): Promise<void> {
    const { clock, deliveries } = this.#options;
    let timer: Timer | null = null;
    const renew = (): void => {
      timer = clock.setTimer(RENEW_MS, () => {
        deliveries.extend(delivery, clock.now() + LEASE_MS).catch((error: unknown) => this.#failed(error));
        renew();
      });
    };
    renew();
    try {
      await before;
      await this.#work(delivery);
    } catch (error) {
      await this.#putOff(delivery, error).catch((inner: unknown) => this.#failed(inner));
    } finally {
      (timer as Timer | null)?.cancel();
    }
  }

  async #work(delivery: StoredDelivery): Promise<void> {
    const { deliveries, clock, log } = this.#options;
    const settlement = await this.#interpret(delivery);
    const delay = DELAYS_MS[delivery.attempts - 1];
    const isPassing = settlement.decisions.some(({ code }) => code !== null && PASSING.has(code));
    if (isPassing && delay !== undefined) {
      log.warn("a webhook is tried again", { delivery: delivery.id, detail: settlement.detail });
      await deliveries.extend(delivery, clock.now() + delay);
      return;
    }
    await deliveries.settle(delivery.id, settlement, clock.now());
    const { outcome, detail } = settlement;
    log.info("a webhook was interpreted", { delivery: delivery.id, source: delivery.source, outcome, detail });
  }

  async #interpret(delivery: StoredDelivery): Promise<DeliverySettlement> {
    const { secrets, records, onInterpreted } = this.#options;
    const secret = await secrets.find(delivery.secretId);
    const repository = secret === null ? null : await records.repositories.find(secret.repositoryId);
    if (secret === null || repository === null) return refused("the secret that it was signed with was removed");
    let events: readonly TriggerEvent[];
    try {
      const { headers, body } = delivery;
      const parsed = webhookSource(delivery.source).parse({ headers, rawBody: Buffer.from(body) });
      if (parsed.ignored !== null) return { outcome: "ignored", detail: parsed.ignored, decisions: [] };
      events = parsed.events;
    } catch (error) {
      if (!(error instanceof WaybillError)) throw error;
      return refused(error.message);
    }
    const decisions: TriggerDecision[] = [];
    for (const [index, event] of events.entries()) {
      // Who knows the secret of one repository speaks for no other one.
      if (!isAbout(event, secret.address ?? repository.url)) {
        return refused(`it is about another repository than the one whose secret it is signed with`);
      }
      // A server that dies here makes the same runs again, which are none.
      const runIdOf = (pipelineId: string): string =>
        derivedId("delivery", delivery.id, pipelineId, ...(index === 0 ? [] : [String(index)]));
      decisions.push(...(await interpretEvent(this.#options, repository, event, runIdOf)));
      onInterpreted(repository, event);
    }
    return settlementOf(decisions);
  }

  /** It could not be told what is to become of it: a store that fails, the end of this server, a defect. */
  async #putOff(delivery: StoredDelivery, error: unknown): Promise<void> {
    const { deliveries, clock, log } = this.#options;
    const code = error instanceof WaybillError ? error.code : "INTERNAL";
    if (code === "API_SHUTTING_DOWN") return void (await deliveries.extend(delivery, 0));
    log.error("a webhook could not be interpreted", { delivery: delivery.id, attempt: delivery.attempts }, error);
    const delay = DELAYS_MS[delivery.attempts - 1];
    if (delay !== undefined) return void (await deliveries.extend(delivery, clock.now() + delay));
    const detail = `it could not be interpreted: ${code}`;
    await deliveries.settle(delivery.id, { outcome: "failed", detail, decisions: [] }, clock.now());
  }

  #failed(error: unknown): void {
    this.#options.log.error("webhooks could not be looked at", {}, error);
  }
}

function refused(detail: string): DeliverySettlement {
  return { outcome: "refused", detail, decisions: [] };
}

function settlementOf(decisions: readonly TriggerDecision[]): DeliverySettlement {
  const started = decisions.filter(({ outcome }) => outcome === "started");
  const failed = decisions.filter(({ outcome }) => outcome === "failed");
  const detail = [
    started.length === 0
      ? ""
      : `started ${started.map(({ pipeline, runNumber }) => `run ${runNumber} of ${pipeline}`).join(", ")}`,
    ...failed.map(({ pipeline, reason }) => `${pipeline}: ${reason}`),
  ].filter((text) => text !== "");
  if (started.length > 0) return { outcome: "started", detail: detail.join("; "), decisions };
  if (failed.length > 0) {
    // What is wrong with a pipeline file is wrong however often it is tried.
    const isOurs = failed.some(({ code }) => code !== null && !/^(?:PIPELINE|INPUT|CONCURRENCY)_/.test(code));
    return { outcome: isOurs ? "failed" : "refused", detail: detail.join("; "), decisions };
  }
  const none = decisions.length === 0 ? "the repository has no pipeline" : "no pipeline is to be started by it";
  return { outcome: "ignored", detail: none, decisions };
}
