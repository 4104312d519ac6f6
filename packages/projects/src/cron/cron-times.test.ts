import fc from "fast-check";
import { cronProblem } from "@waybill/pipeline";
import { describe, expect, test } from "vitest";
import { dueTick, dueTimes } from "./cron-times.ts";
import { cronerTimes } from "./croner-times.ts";

const times = cronerTimes();

function ruleOf(cron: string, timezone = "UTC"): { cron: string; timezone: string; branch: null } {
  return { cron, timezone, branch: null };
}

function due(cron: string, timezone: string, since: string, until: string): string[] {
  return dueTimes(times, ruleOf(cron, timezone), Date.parse(since), Date.parse(until)).map((time) =>
    new Date(time).toISOString().replace(":00.000Z", "Z"),
  );
}

describe("a schedule is due", () => {
  test("after the one end and up to the other", () => {
    const hours = ["2026-11-20T01:00Z", "2026-11-20T02:00Z"];
    expect(due("0 * * * *", "UTC", "2026-11-20T00:00Z", "2026-11-20T02:00Z")).toEqual(hours);
    expect(due("0 * * * *", "UTC", "2026-11-20T00:00:30Z", "2026-11-20T02:59:59Z")).toEqual(hours);
  });

  test("on either, where a day of the month and one of the week are given", () => {
    expect(due("0 0 13 * 5", "UTC", "2026-12-01T00:00Z", "2026-12-14T00:00Z")).toEqual([
      "2026-12-04T00:00Z",
      "2026-12-11T00:00Z",
      "2026-12-13T00:00Z",
    ]);
  });

  test("on Sundays, whether they are 0 or 7 or have their name", () => {
    for (const day of ["0", "7", "sun"]) {
      expect(due(`0 0 * * ${day}`, "UTC", "2026-11-20T00:00Z", "2026-11-23T00:00Z")).toEqual(["2026-11-22T00:00Z"]);
    }
  });

  test("on the 29th of February in leap years", () => {
    expect(due("0 0 29 2 *", "UTC", "2026-01-01T00:00Z", "2033-01-01T00:00Z")).toEqual([
      "2028-02-29T00:00Z",
      "2032-02-29T00:00Z",
    ]);
  });
});

describe("where the clock is set forward", () => {
  test("a time it leaves out is due as soon as it has been set", () => {
    expect(due("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00Z", "2026-03-30T12:00Z")).toEqual([
      "2026-03-28T01:30Z",
      "2026-03-29T01:00Z",
      "2026-03-30T00:30Z",
    ]);
  });

  test("what comes every hour goes on evenly", () => {
    expect(due("0 * * * *", "Europe/Berlin", "2026-03-28T23:30Z", "2026-03-29T03:00Z")).toEqual([
      "2026-03-29T00:00Z",
      "2026-03-29T01:00Z",
      "2026-03-29T02:00Z",
      "2026-03-29T03:00Z",
    ]);
  });
});

describe("where the clock is set back", () => {
  test.each(["30 2 * * *", "30 1-3 * * *"])("the times of %s come once", (cron) => {
    const found = due(cron, "Europe/Berlin", "2026-10-24T22:00Z", "2026-10-25T05:00Z");
    const expected = cron.startsWith("30 2") ? [] : ["2026-10-24T23:30Z"];
    expect(found.slice(0, expected.length + 1)).toEqual([...expected, "2026-10-25T00:30Z"]);
    expect(found).not.toContain("2026-10-25T01:30Z");
  });

  test("what comes every quarter of an hour goes on evenly", () => {
    const found = due("*/15 * * * *", "America/New_York", "2026-11-01T04:50Z", "2026-11-01T07:10Z");
    expect(found).toHaveLength(9);
    expect(new Set(found.map((time, index) => Date.parse(time) - index * 900_000)).size).toBe(1);
  });

  test("by half an hour", () => {
    expect(due("15 2 * * *", "Australia/Lord_Howe", "2026-10-02T00:00Z", "2026-10-04T00:00Z")).toEqual([
      "2026-10-02T15:45Z",
      "2026-10-03T15:30Z",
    ]);
  });
});

describe("a tick", () => {
  const start = Date.parse("2026-01-01T00:00:00Z");
  const DAY = 86_400_000;

  test("is none where nothing is due", () => {
    expect(dueTick(times, ruleOf("0 12 * * *"), start, start + DAY / 2 - 1)).toBeNull();
  });

  test("is the last of all that were missed, be they a month of minutes", () => {
    expect(dueTick(times, ruleOf("* * * * *"), start, start + 31 * DAY + 5)).toBe(start + 31 * DAY);
    expect(dueTick(times, ruleOf("0 0 1 * *"), start, start + 33 * DAY)).toBe(start + 31 * DAY);
  });

  const field = (max: number): fc.Arbitrary<string> =>
    fc.oneof(
      fc.constant("*"),
      fc.integer({ min: 0, max }).map(String),
      fc.integer({ min: 1, max }).map((step) => `*/${step}`),
    );
  const cron = fc
    .tuple(field(59), field(23), fc.constantFrom("*", "1,15", "2-20/3"), fc.constantFrom("*", "1", "2-5"), field(6))
    .map((parts) => parts.join(" "));
  const zone = fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata");

  test("is the last of the times that are due, in any time zone", () => {
    fc.assert(
      fc.property(cron, zone, fc.nat(365 * 24), fc.nat(72), (expression, timezone, hour, hours) => {
        expect(cronProblem(expression)).toBeNull();
        const rule = ruleOf(expression, timezone);
        const since = start + hour * 3_600_000;
        const now = since + hours * 3_600_000 + 59_999;
        const all = dueTimes(times, rule, since, now);
        expect(dueTick(times, rule, since, now)).toBe(all.at(-1) ?? null);
        expect(all.every((time, index) => time > (all[index - 1] ?? since) && time <= now)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

test("a schedule that lint would refuse is refused here too, with a code", () => {
  for (const rule of [
    ruleOf("@daily"),
    ruleOf("* * * * * *"),
    ruleOf("0 0 L * *"),
    ruleOf("0 4 * * *", "Nowhere/No"),
  ]) {
    expect(() => times.next(rule, 0)).toThrow(expect.objectContaining({ code: "CRON_INVALID" }));
  }
});
