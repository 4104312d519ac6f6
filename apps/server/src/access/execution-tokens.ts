import type { KeyRing, SecretsKey } from "@waybill/access";
import { WaybillError, type Clock } from "@waybill/core";
import { createHmac, timingSafeEqual } from "node:crypto";

const FORM = /^Bearer wbe_([0-9a-f]{16})_([0-9a-z]{1,11})_([\w-]{43})$/i;
const DAY_MS = 86_400_000;

/**
 * What an executor reports with: a token for each execution, good for that one alone and for a time. Nothing of it is
 * stored: it is made of the id, its end and the key ring, so every server with the ring knows it, and it ends with its
 * key.
 */
export class ExecutionTokens {
  readonly #ring: KeyRing;
  readonly #clock: Pick<Clock, "now">;

  constructor(ring: KeyRing, clock: Pick<Clock, "now">) {
    this.#ring = ring;
    this.#clock = clock;
  }

  /** Not to be given to the job, which could report its own success. */
  issue(executionId: string, lifetimeMs = DAY_MS): string {
    const { primary } = this.#ring;
    const end = Math.ceil((this.#clock.now() + lifetimeMs) / 1000).toString(36);
    return `wbe_${primary.id}_${end}_${mac(primary, executionId, end)}`;
  }

  /**
   * @param authorization the header
   * @throws WaybillError `EXECUTION_TOKEN_INVALID`, whether or not there is such an execution, `EXECUTION_TOKEN_EXPIRED`
   */
  verify(executionId: string, authorization: string | readonly string[] | undefined): void {
    const match = typeof authorization === "string" ? FORM.exec(authorization) : null;
    const key = this.#ring.find(match?.[1] ?? "");
    const end = match?.[2] ?? "";
    const given = Buffer.from(match?.[3] ?? "");
    const expected = Buffer.from(key === undefined ? "" : mac(key, executionId, end));
    if (given.length === 0 || given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw new WaybillError("EXECUTION_TOKEN_INVALID", {});
    }
    // Said only of tokens that are ours: whoever makes one up learns nothing.
    if (Number.parseInt(end, 36) * 1000 <= this.#clock.now()) throw new WaybillError("EXECUTION_TOKEN_EXPIRED", {});
  }
}

function mac(key: SecretsKey, executionId: string, end: string): string {
  return createHmac("sha256", key.bytes).update(`waybill execution ${executionId} until ${end}`).digest("base64url");
}
