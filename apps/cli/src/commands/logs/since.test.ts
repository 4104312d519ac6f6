import { describe, expect, test } from "vitest";
import { parseSince } from "./since.ts";

const NOW = Date.UTC(2026, 2, 1, 12);

describe("--since", () => {
  test.each([
    ["90s", 90_000],
    ["10m", 600_000],
    ["1h30m", 5_400_000],
    ["2d", 172_800_000],
    ["1.5s", 1500],
    ["250ms", 250],
  ])("takes %s for a time ago", (text, ago) => {
    expect(parseSince(text, NOW)).toBe(NOW - ago);
  });

  test.each([
    ["2026-03-01T11:00:00Z", Date.UTC(2026, 2, 1, 11)],
    ["2026-03-01T11:00:00.5Z", Date.UTC(2026, 2, 1, 11) + 500],
    ["2026-03-01T11:00:00+02:00", Date.UTC(2026, 2, 1, 9)],
    ["2026-03-01 11:00Z", Date.UTC(2026, 2, 1, 11)],
    ["2026-03-01 11:00", new Date(2026, 2, 1, 11).getTime()],
    ["2026-03-01", new Date(2026, 2, 1).getTime()],
  ])("takes %s for a time", (text, time) => {
    expect(parseSince(text, NOW)).toBe(time);
  });

  test.each(["", "yesterday", "10", "-5m", "5 m", "1y", "2026-13-01", "2026-03-01T25:00Z", "1m".repeat(6)])(
    "refuses %j",
    (text) => {
      expect(() => parseSince(text, NOW)).toThrow(expect.objectContaining({ code: "CLI_LOGS_SINCE" }));
    },
  );
});
