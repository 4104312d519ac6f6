import type { KeyRing, SecretsKey } from "@waybill/access";
import { WaybillError } from "@waybill/core";
import { createHmac, timingSafeEqual } from "node:crypto";

const FORM = /^Bearer wbe_([0-9a-f]{16})_([\w-]{43})$/i;

/**
 * What an executor reports with: a token for each execution, good for that one alone. Nothing of it is stored: it is made
 * of the id and the key ring, so every server with the ring knows it, and it ends with its key.
 */
export class ExecutionTokens {
  readonly #ring: KeyRing;

  constructor(ring: KeyRing) {
    this.#ring = ring;
  }

  /** Not to be given to the job, which could report its own success. */
  issue(executionId: string): string {
    const { primary } = this.#ring;
    return `wbe_${primary.id}_${mac(primary, executionId)}`;
  }

  /**
   * @param authorization the header
   * @throws WaybillError `EXECUTION_TOKEN_INVALID`, whether or not there is such an execution
   */
  verify(executionId: string, authorization: string | readonly string[] | undefined): void {
    const match = typeof authorization === "string" ? FORM.exec(authorization) : null;
    const key = this.#ring.find(match?.[1] ?? "");
    const given = Buffer.from(match?.[2] ?? "");
    const expected = Buffer.from(key === undefined ? "" : mac(key, executionId));
    if (given.length === 0 || given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw new WaybillError("EXECUTION_TOKEN_INVALID", {});
    }
  }
}

function mac(key: SecretsKey, executionId: string): string {
  return createHmac("sha256", key.bytes).update(`waybill execution ${executionId}`).digest("base64url");
}
