import { isIPv6 } from "node:net";
import { systemClock, type Clock } from "@waybill/core";

export interface ThrottlePolicy {
  /** Failures that cost nothing. */
  readonly free: number;
  /** How long to wait after the first that does, in milliseconds; twice as long after each that follows. */
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
  /** After so long without a failure all is forgotten, in milliseconds. */
  readonly forgetMs: number;
  /** Keys remembered; the one that was quiet longest goes for another. */
  readonly capacity: number;
}

interface Failures {
  count: number;
  lastAt: number;
}

/** Slows guessing down: after some failures of one key the next try has to wait, longer each time. In memory. */
export class Throttle {
  readonly #policy: ThrottlePolicy;
  readonly #clock: Clock;
  /** In the order of their last failure. */
  readonly #failures = new Map<string, Failures>();

  constructor(policy: ThrottlePolicy, clock: Clock = systemClock) {
    this.#policy = policy;
    this.#clock = clock;
  }

  /** Milliseconds until the next try; 0: now. Asking counts for nothing. */
  delayOf(key: string): number {
    const failures = this.#failures.get(key);
    if (failures === undefined) return 0;
    const now = this.#clock.monotonic();
    const { free, firstDelayMs, longestDelayMs, forgetMs } = this.#policy;
    if (now - failures.lastAt >= forgetMs) return 0;
    const beyond = failures.count - free;
    if (beyond <= 0) return 0;
    const delay = Math.min(firstDelayMs * 2 ** (beyond - 1), longestDelayMs);
    return Math.max(0, failures.lastAt + delay - now);
  }

  /** Counts a try as failed, before it is known whether it is: many at the same time are many. */
  fail(key: string): void {
    const now = this.#clock.monotonic();
    const previous = this.#failures.get(key);
    const isForgotten = previous === undefined || now - previous.lastAt >= this.#policy.forgetMs;
    this.#failures.delete(key);
    this.#failures.set(key, { count: isForgotten ? 1 : previous.count + 1, lastAt: now });
    if (this.#failures.size <= this.#policy.capacity) return;
    const oldest = this.#failures.keys().next();
    if (oldest.done !== true) this.#failures.delete(oldest.value);
  }

  /** Takes back one `fail`. */
  succeed(key: string): void {
    const failures = this.#failures.get(key);
    if (failures === undefined) return;
    failures.count -= 1;
    if (failures.count <= 0) this.#failures.delete(key);
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }
}

/** What counts as one place to try from: an IPv4 address, or the 64 bits of an IPv6 one that one customer gets. */
export function placeOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const plain = address.replace(/%.*$/, "");
  if (!isIPv6(plain)) return address;
  const [head = "", tail] = plain.split("::");
  const groups = head === "" ? [] : head.split(":");
  if (tail !== undefined) {
    const behind = tail === "" ? [] : tail.split(":");
    // A dotted end counts for two groups.
    const missing = 8 - groups.length - behind.length - (behind.at(-1)?.includes(".") === true ? 1 : 0);
    groups.push(...Array.from({ length: missing }, () => "0"), ...behind);
  }
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}
