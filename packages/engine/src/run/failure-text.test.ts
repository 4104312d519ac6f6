import { WaybillError } from "@waybill/core";
import { expect, test } from "vitest";
import { failureText } from "./failure-text.ts";

test("problem and remedy are sentences of their own, whether the problem ends in a period or not", () => {
  const without = new WaybillError("VARIABLE_SECRET_UNKNOWN", { name: "TOKEN" });
  expect(without.message).toMatch(/'$/);
  expect(failureText(without)).toBe(`${without.message}. ${without.remedy}`);
  const withPeriod = new WaybillError("RUN_UNKNOWN_JOB", { job: "biuld", hint: "" });
  expect(withPeriod.message).toMatch(/\.$/);
  expect(failureText(withPeriod)).toBe(`${withPeriod.message} ${withPeriod.remedy}`);
});

test("an error without a code is its message", () => {
  expect(failureText(new Error("disk on fire"))).toBe("disk on fire");
  expect(failureText("thrown text")).toBe("thrown text");
});
