import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ManualClock } from "../testing.ts";
import {
  CircuitBreaker,
  type CircuitBreakerSettings,
  type CircuitPermit,
  type CircuitState,
} from "./circuit-breaker.ts";
import { CircuitBreakers } from "./circuit-breakers.ts";

interface Bench {
  readonly clock: ManualClock;
  readonly breaker: CircuitBreaker;
  readonly log: string[];
}

function open(settings: CircuitBreakerSettings = {}): Bench {
  const clock = new ManualClock(1_000_000);
  const log: string[] = [];
  const breaker = new CircuitBreaker({
    name: "registry",
    clock,
    onTransition: ({ level, message, logger }) => log.push(`${level} ${logger}: ${message}`),
    ...settings,
  });
  return { clock, breaker, log };
}

function failTimes(breaker: CircuitBreaker, times: number): void {
  for (let time = 0; time < times; time++) breaker.recordFailure();
}

describe("a circuit breaker", () => {
  it("begins closed and says so", () => {
    expect(open().breaker.stats()).toEqual({
      name: "registry",
      state: "closed",
      failure_count: 0,
      success_count: 0,
      last_failure_time: null,
    });
  });

  it("opens at the fifth failure in a row, and fails fast from then on", async () => {
    const { breaker, log } = open();
    const down = (): Promise<never> => Promise.reject(new Error("down"));
    for (let time = 0; time < 5; time++) await expect(breaker.call(down)).rejects.toThrow("down");
    expect(breaker.stats()).toMatchObject({
      state: "open",
      failure_count: 5,
      last_failure_time: "1970-01-01T00:16:40.000Z",
    });
    let called = false;
    const refused = breaker.call(() => Promise.resolve((called = true)));
    await expect(refused).rejects.toMatchObject({
      code: "CIRCUIT_OPEN",
      message: "Circuit breaker registry is OPEN",
      remedy: expect.stringContaining("Wait 60s for automatic reset") as string,
    });
    expect(called).toBe(false);
    expect(log).toEqual(["warn circuit_breaker.registry: Circuit breaker registry transitioned to OPEN"]);
  });

  it("forgets failures at a success in between", async () => {
    const { breaker } = open();
    failTimes(breaker, 4);
    expect(await breaker.call(() => Promise.resolve("up"))).toBe("up");
    failTimes(breaker, 4);
    expect(breaker.state).toBe("closed");
  });

  it("lets one probe through when more than its time-out has passed, and only at the next call", () => {
    const { breaker, clock, log } = open({ failureThreshold: 1 });
    breaker.recordFailure();
    clock.advance(60_000);
    expect([breaker.waitMs(), breaker.tryAdmit()]).toEqual([1, null]);
    clock.advance(1);
    expect(breaker.state).toBe("open");
    expect(breaker.tryAdmit()).not.toBeNull();
    expect(breaker.state).toBe("half_open");
    expect(breaker.tryAdmit()).toBeNull();
    expect(log.at(-1)).toBe("info circuit_breaker.registry: Circuit breaker registry transitioned to HALF_OPEN");
  });

  it("closes after three good probes, and opens again at a bad one", () => {
    const { breaker, clock } = open({ failureThreshold: 2 });
    failTimes(breaker, 2);
    clock.advance(60_001);
    breaker.admit().succeeded();
    breaker.admit().succeeded();
    breaker.admit().failed();
    expect(breaker.stats()).toMatchObject({ state: "open", failure_count: 3 });
    clock.advance(60_001);
    for (let probe = 0; probe < 3; probe++) breaker.admit().succeeded();
    expect(breaker.stats()).toMatchObject({ state: "closed", failure_count: 0, success_count: 0 });
  });

  it("counts only the errors it was told of", async () => {
    const { breaker } = open({ failureThreshold: 1, isFailure: (error) => error instanceof TypeError });
    await expect(breaker.call(() => Promise.reject(new RangeError("mine")))).rejects.toThrow("mine");
    expect(breaker.state).toBe("closed");
    await expect(breaker.call(() => Promise.reject(new TypeError("its")))).rejects.toThrow("its");
    expect(breaker.state).toBe("open");
  });

  it("runs calls side by side, and gives up the place of a probe that says nothing", async () => {
    const { breaker, clock } = open({ failureThreshold: 1 });
    const first = Promise.withResolvers<string>();
    const slow = breaker.call(() => first.promise);
    expect(await breaker.call(() => Promise.resolve("fast"))).toBe("fast");
    first.resolve("slow");
    expect(await slow).toBe("slow");
    breaker.recordFailure();
    clock.advance(60_001);
    const probe = breaker.admit();
    probe.released();
    probe.released();
    expect(breaker.stats()).toMatchObject({ state: "half_open", success_count: 0 });
    expect(breaker.tryAdmit()).not.toBeNull();
    expect(breaker.tryAdmit()).toBeNull();
  });

  it("takes no success for a probe's that was asked for before it opened", () => {
    const { breaker, clock } = open({ failureThreshold: 1, successThreshold: 1 });
    const early = breaker.admit();
    breaker.recordFailure();
    clock.advance(60_001);
    const probe = breaker.admit();
    early.succeeded();
    expect(breaker.state).toBe("half_open");
    expect(breaker.tryAdmit()).toBeNull();
    probe.succeeded();
    expect(breaker.state).toBe("closed");
  });

  it("does not stay open for longer when the clock is set back", () => {
    const { breaker, clock } = open({ failureThreshold: 1 });
    breaker.recordFailure();
    clock.advance(-500_000);
    expect(breaker.waitMs()).toBe(60_001);
  });

  it.each([{ failureThreshold: 0 }, { successThreshold: Number.NaN }, { timeoutSeconds: -1 }, { maxProbes: 0 }])(
    "refuses %o",
    (settings) => {
      expect(() => open(settings)).toThrow(RangeError);
    },
  );

  it("is what its rules say, whatever happens in whatever order", () => {
    const settings = fc.record({
      failureThreshold: fc.integer({ min: 1, max: 4 }),
      successThreshold: fc.integer({ min: 1, max: 3 }),
      timeoutSeconds: fc.integer({ min: 0, max: 5 }),
      maxProbes: fc.integer({ min: 1, max: 2 }),
    });
    const action = fc.oneof(
      fc.record({ type: fc.constant("admit" as const) }),
      fc.record({ type: fc.constantFrom("succeeded", "failed", "released" as const), which: fc.nat(9) }),
      fc.record({ type: fc.constant("wait" as const), ms: fc.nat(4000) }),
    );
    fc.assert(
      fc.property(settings, fc.array(action, { maxLength: 80 }), (options, actions) => {
        const { breaker, clock } = open(options);
        // The rules once more, as plainly as can be: what is under way, and when it was let in.
        let state = "closed" as CircuitState;
        let failures = 0;
        let successes = 0;
        let lastFailure = 0;
        let era = 0;
        const underWay: { readonly permit: CircuitPermit; readonly era: number }[] = [];
        const change = (to: CircuitState): void => {
          state = to;
          era += 1;
        };
        for (const each of actions) {
          if (each.type === "wait") clock.advance(each.ms);
          else if (each.type === "admit") {
            if (state === "open" && clock.now() - lastFailure > options.timeoutSeconds * 1000) {
              successes = 0;
              change("half_open");
            }
            const probes = underWay.filter((call) => call.era === era).length;
            const isFree = state === "closed" || (state === "half_open" && probes < options.maxProbes);
            const permit = breaker.tryAdmit();
            expect(permit !== null).toBe(isFree);
            if (permit !== null) underWay.push({ permit, era });
          } else if (underWay.length > 0) {
            const [call] = underWay.splice(each.which % underWay.length, 1);
            call?.permit[each.type]();
            if (each.type === "failed") {
              failures += 1;
              lastFailure = clock.now();
              if (state === "half_open" || (state === "closed" && failures >= options.failureThreshold)) change("open");
            } else if (each.type === "succeeded" && call?.era === era) {
              if (state === "closed") failures = 0;
              else if (++successes >= options.successThreshold) {
                failures = 0;
                successes = 0;
                change("closed");
              }
            }
          }
          expect(breaker.stats()).toMatchObject({ state, failure_count: failures, success_count: successes });
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("the breakers of a process", () => {
  it("has one for each service, whatever the case of its name", () => {
    const breakers = new CircuitBreakers(new ManualClock(), { failureThreshold: 1 });
    breakers.of("Registry.Example.com").recordFailure();
    expect(breakers.of("registry.example.com.").state).toBe("open");
    expect(breakers.of("other").state).toBe("closed");
    expect(breakers.stats().map(({ name }) => name)).toEqual(["other", "registry.example.com"]);
  });

  it("forgets what was not asked for in a long time, so that made-up names take no memory", () => {
    const breakers = new CircuitBreakers(new ManualClock(), { failureThreshold: 1 });
    breakers.of("real").recordFailure();
    for (let number = 0; number < 5000; number++) {
      breakers.of(`made-up-${number}`);
      if (number % 500 === 0) breakers.of("real");
    }
    expect(breakers.stats()).toHaveLength(1000);
    expect(breakers.of("real").state).toBe("open");
  });
});
