import type { Clock } from "../clock.ts";
import { CircuitBreaker, type CircuitBreakerSettings, type CircuitStats } from "./circuit-breaker.ts";

/** Names may come from what jobs print: memory must not grow with them. */
const MAX_BREAKERS = 1000;

/** A breaker for each external service of a process, by its name (a host, mostly), made when first asked for. */
export class CircuitBreakers {
  readonly #clock: Clock;
  readonly #settings: CircuitBreakerSettings;
  /** Least recently asked for first. */
  readonly #breakers = new Map<string, CircuitBreaker>();

  constructor(clock: Clock, settings: CircuitBreakerSettings = {}) {
    this.#clock = clock;
    this.#settings = settings;
  }

  /** @param service host names in any case, with or without a dot at the end, mean the same */
  of(service: string): CircuitBreaker {
    const name = service.toLowerCase().replace(/\.$/, "");
    const breaker = this.#breakers.get(name) ?? this.#make(name);
    this.#breakers.delete(name);
    this.#breakers.set(name, breaker);
    return breaker;
  }

  /** Of all that were asked for, the most recent first. */
  stats(): readonly CircuitStats[] {
    return [...this.#breakers.values()].toReversed().map((breaker) => breaker.stats());
  }

  #make(name: string): CircuitBreaker {
    if (this.#breakers.size >= MAX_BREAKERS) {
      const [oldest] = this.#breakers.keys();
      if (oldest !== undefined) this.#breakers.delete(oldest);
    }
    return new CircuitBreaker({ ...this.#settings, name, clock: this.#clock });
  }
}
