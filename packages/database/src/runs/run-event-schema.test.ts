import { expect, test } from "vitest";
import { runEventSchema } from "./run-event-schema.ts";

const OLD = {
  type: "job.retry",
  job: "build",
  step: null,
  attempt: 1,
  reason: "step_failed",
  message: "it failed",
  delay_ms: 1000,
} as const;

const FAILURE = {
  category: "transient_dependencies",
  cause: "unresolved_host",
  service: "example.com",
  retry_rule: "named",
  held: true,
} as const;

test("an event from before failures were sorted is read as it was", () => {
  expect(runEventSchema.parse(OLD)).toEqual(OLD);
});

test("what a failure is of comes back as it was stored", () => {
  expect(runEventSchema.parse({ ...OLD, ...FAILURE })).toEqual({ ...OLD, ...FAILURE });
});

test("a category, cause or rule of a newer version is left out, and the rest is read", () => {
  const newer = { ...OLD, ...FAILURE, category: "cosmic_rays", cause: "sun", retry_rule: "at_night" };
  expect(runEventSchema.parse(newer)).toMatchObject({ ...OLD, service: "example.com", category: undefined });
});
