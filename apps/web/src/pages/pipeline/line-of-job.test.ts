import { expect, test } from "vitest";
import { lineOfJob } from "./line-of-job.ts";

test("a job is found where it is defined", () => {
  const text = 'name: x\nenv:\n  build: 1\njobs:\n  "a b":\n    steps: []\n  build:\n    steps: []\n';
  expect(lineOfJob(text, "build")).toBe(7);
  expect(lineOfJob(text, "a b")).toBe(5);
  expect(lineOfJob(text, "other")).toBeNull();
  expect(lineOfJob('{"jobs":{"build":{}}}', "build")).toBeNull();
});
