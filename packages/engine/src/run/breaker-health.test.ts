import { CircuitBreakers } from "@waybill/core";
import { ManualClock } from "@waybill/core/testing";
import { describe, expect, it } from "vitest";
import { BreakerHealth } from "./breaker-health.ts";

function open(): { clock: ManualClock; breakers: CircuitBreakers; health: BreakerHealth } {
  const clock = new ManualClock();
  const breakers = new CircuitBreakers(clock, { failureThreshold: 1 });
  return { clock, breakers, health: new BreakerHealth(breakers) };
}

describe("the health of services", () => {
  it("knows of calls that have breakers of their own, and leaves their probes to them", () => {
    const { clock, breakers, health } = open();
    breakers.of("registry:ghcr.io").recordFailure();
    clock.advance(10_000);
    expect(health.waitMs("ghcr.io")).toBe(50_001);
    expect(health.admit("job", "ghcr.io")).toEqual({ waitMs: 0, isOpen: false });
    clock.advance(50_001);
    expect(breakers.of("registry:ghcr.io").tryAdmit()).not.toBeNull();
  });

  it("gives back what a run has left behind", () => {
    const { clock, breakers, health } = open();
    health.failed("example.com");
    clock.advance(60_001);
    expect(health.admit("one", "example.com").waitMs).toBe(0);
    expect(health.admit("two", "example.com")).toEqual({ waitMs: 5000, isOpen: false });
    health.close();
    expect(breakers.of("example.com").tryAdmit()).not.toBeNull();
  });
});
