import { describe, expect, test } from "vitest";
import { cronProblem } from "./cron-syntax.ts";

describe("a cron expression", () => {
  test.each([
    "* * * * *",
    "*/15 0-6/2,12 1,15 JAN-mar mon-fri",
    "0 0 29 2 *",
    "0 0 31 2 1",
    "0 0 * * 7",
    "  5   4 * * sun ",
  ])("%j is understood", (text) => {
    expect(cronProblem(text)).toBeNull();
  });

  test.each([
    ["", "has 0 fields instead of five"],
    ["* * * * * *", "has 6 fields instead of five"],
    ["@daily", "has 1 field instead of five"],
    ["60 * * * *", 'has "60" as its minute, which goes from 0 to 59'],
    ["* 24 * * *", 'has "24" as its hour, which goes from 0 to 23'],
    ["* * 0 * *", 'has "0" as its day of the month, which goes from 1 to 31'],
    ["* * L * *", 'has "L" as its day of the month, which goes from 1 to 31'],
    ["* * * 13 *", 'has "13" as its month, which goes from 1 to 12'],
    ["* * * * mon#1", 'has "mon#1" as its day of the week'],
    ["5/10 * * * *", 'has "5/10" as its minute, which goes from 0 to 59'],
    ["5-1 * * * *", 'has "5-1" as its minute, which goes from 0 to 59'],
    ["*/0 * * * *", 'has "*/0" as its minute, which goes from 0 to 59'],
    [", * * * *", 'has "" as its minute'],
    ["* * 30,31 feb *", "names a day that none of its months has"],
    ["* ".repeat(200), "is too long"],
  ])("%j is refused: %s", (text, problem) => {
    expect(cronProblem(text)).toBe(problem);
  });
});
