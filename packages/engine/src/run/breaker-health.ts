import type { CircuitBreakers, CircuitPermit } from "@waybill/core";
import type { Admission, ServiceHealth } from "../machine/service-health.ts";

/** How long a retry waits while another job tries the service. */
const PROBE_POLL_MS = 5000;

/**
 * Service health by circuit breakers: a retry that needs a service is a call of it, and may be a probe.
 *
 * Calls of our own, those that fetch images, have breakers of their own (`registry:ghcr.io`): a job that has taken the
 * one probe of a breaker could not fetch its image behind the same one.
 */
export class BreakerHealth implements ServiceHealth {
  readonly #breakers: CircuitBreakers;
  /** By job. */
  readonly #permits = new Map<string, CircuitPermit>();

  constructor(breakers: CircuitBreakers) {
    this.#breakers = breakers;
  }

  failed(service: string): number {
    this.#breakers.of(service).recordFailure();
    return this.#breakers.of(service).waitMs();
  }

  waitMs(service: string): number {
    return Math.max(this.#breakers.of(service).waitMs(), this.#breakers.of(`registry:${service}`).waitMs());
  }

  admit(jobId: string, service: string): Admission {
    this.left(jobId);
    const breaker = this.#breakers.of(service);
    const permit = breaker.tryAdmit();
    if (permit === null) {
      const isOpen = breaker.state === "open";
      return { waitMs: isOpen ? breaker.waitMs() : PROBE_POLL_MS, isOpen };
    }
    this.#permits.set(jobId, permit);
    return { waitMs: 0, isOpen: false };
  }

  answered(jobId: string): void {
    this.#permits.get(jobId)?.succeeded();
    this.#permits.delete(jobId);
  }

  left(jobId: string): void {
    this.#permits.get(jobId)?.released();
    this.#permits.delete(jobId);
  }

  /** The run is over, however it ended: no probe of its jobs must block those of others. */
  close(): void {
    for (const permit of this.#permits.values()) permit.released();
    this.#permits.clear();
  }
}
