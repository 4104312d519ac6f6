import { WaybillError } from "@waybill/core";
import { ManualClock } from "@waybill/core/testing";
import { expect, test } from "vitest";
import { createServerLog } from "../server-log.ts";
import { RecentErrors, rememberingLog } from "./recent-errors.ts";

test("errors of the log are remembered once each, with their remedy, and nothing of a defect", () => {
  const clock = new ManualClock(1_000);
  const errors = new RecentErrors(clock);
  const logged: string[] = [];
  const log = rememberingLog(
    createServerLog(clock, (line) => logged.push(line)),
    errors,
  );
  const full = new WaybillError("GIT_NOT_INSTALLED", {});
  log.component("triggers").error("a schedule was not looked at", {}, full);
  clock.advance(500);
  log.error("a request failed", {}, new Error("password=hunter2"));
  log.component("triggers").error("a schedule was not looked at", {}, full);
  expect(errors.list()).toMatchObject([
    { component: "triggers", code: "GIT_NOT_INSTALLED", count: 2, firstAt: 1_000, lastAt: 1_500 },
    { component: "server", code: null, message: "", what: "a request failed", count: 1 },
  ]);
  expect(errors.list()[0]?.remedy).toContain("apt-get install git");
  expect(JSON.stringify(errors.list())).not.toContain("hunter2");
  expect(logged).toHaveLength(3);
});

test("only so many are kept: the oldest goes", () => {
  const errors = new RecentErrors(new ManualClock(0));
  for (let n = 0; n < 150; n += 1) errors.add("x", `what ${n}`, null);
  expect(errors.list()).toHaveLength(100);
  expect(errors.list()[99]?.what).toBe("what 50");
});
