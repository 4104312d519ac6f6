import { WaybillError, type Clock, type Timer } from "@waybill/core";
import type { BegunRequest, StoredAnswer } from "@waybill/database";
import { createHash } from "node:crypto";
import type { RouteReply } from "./route.ts";

/** Where answers are kept for those who ask again. */
export interface IdempotencyRecords {
  begin(id: string, digest: string, now: number, expiredBefore: number): Promise<BegunRequest>;
  answer(id: string, answer: StoredAnswer): Promise<void>;
  giveUp(id: string): Promise<void>;
  removeOlderThan(time: number): Promise<void>;
}

export interface RepeatableRequest {
  /** Who asks: a key is theirs alone. */
  readonly caller: string;
  readonly key: string;
  readonly method: string;
  readonly url: string;
  readonly body: Uint8Array;
}

const KEPT_MS = 24 * 60 * 60_000;
const CLEAR_MS = 60 * 60_000;
const MAX_KEY = 200;

/**
 * Carries out a request that may be sent again once. Whoever sends it again gets the first answer, on whichever server.
 * Only what was done is kept: what failed changed nothing, and may be tried again. Of a request whose server died
 * nobody can say whether it was done, so it is refused until its key has expired.
 */
export class IdempotentRequests {
  readonly #records: IdempotencyRecords;
  readonly #clock: Clock;
  #timer: Timer | null = null;
  #clearing: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(records: IdempotencyRecords, clock: Clock) {
    this.#records = records;
    this.#clock = clock;
    this.#schedule();
  }

  /** @throws WaybillError `IDEMPOTENCY_KEY_REUSED`, `IDEMPOTENCY_UNDER_WAY`, or what `work` does */
  async once(request: RepeatableRequest, work: () => Promise<RouteReply>): Promise<RouteReply> {
    const { caller, key, method, url, body } = request;
    const id = sha256([caller, method, key]);
    const now = this.#clock.now();
    const begun = await this.#records.begin(id, sha256([method, url, body]), now, now - KEPT_MS);
    if (begun === "differs") throw new WaybillError("IDEMPOTENCY_KEY_REUSED", {});
    if (begun === "under way") throw new WaybillError("IDEMPOTENCY_UNDER_WAY", {});
    if (begun !== "new") {
      const headers = { ...begun.headers, "idempotency-replayed": "true" };
      return { status: begun.status, body: JSON.parse(begun.body) as unknown, headers };
    }
    let answer: RouteReply;
    try {
      answer = await work();
    } catch (error) {
      await this.#records.giveUp(id);
      throw error;
    }
    if (!("body" in answer)) throw new Error("only JSON can be kept");
    const headers = Object.entries(answer.headers ?? {}).flatMap(([name, value]) =>
      typeof value === "string" ? [[name, value]] : [],
    );
    await this.#records.answer(id, {
      status: answer.status,
      headers: Object.fromEntries(headers) as Record<string, string>,
      body: JSON.stringify(answer.body),
    });
    return answer;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#clearing;
  }

  #schedule(): void {
    if (this.#isStopped) return;
    this.#timer = this.#clock.setTimer(CLEAR_MS, () => {
      // What cannot be removed now is removed in an hour.
      this.#clearing = this.#records
        .removeOlderThan(this.#clock.now() - KEPT_MS)
        .catch(() => undefined)
        .finally(() => this.#schedule());
    });
  }
}

/**
 * @param header of `Idempotency-Key`, with or without the quotation marks of a structured field
 * @returns null: there is none
 * @throws WaybillError `IDEMPOTENCY_KEY_INVALID`
 */
export function idempotencyKey(header: string | readonly string[] | undefined): string | null {
  if (header === undefined) return null;
  const key = typeof header === "string" ? (/^"(.*)"$/.exec(header)?.[1] ?? header) : "";
  const problem = `it is no text of 1 to ${MAX_KEY} printable characters`;
  if (!/^[\x21-\x7e]{1,200}$/.test(key)) throw new WaybillError("IDEMPOTENCY_KEY_INVALID", { problem });
  return key;
}

function sha256(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  // Each by itself: no two lists of parts make one text.
  for (const part of parts) hash.update(createHash("sha256").update(part).digest());
  return hash.digest("hex");
}
