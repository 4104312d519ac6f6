import { expect, test } from "vitest";
import type { Job } from "../api/generated/operations.ts";
import { groupsOf, nodesOf } from "./job-groups.ts";

const job = (name: string, ...dependsOn: readonly string[]): Job => ({ name, depends_on: dependsOn }) as unknown as Job;

const TESTS = ["20", "22", "24", "26"].map((version) => job(`test-node${version}`, "build"));
const JOBS = [
  job("build"),
  ...TESTS,
  job("test-docs", "lint"),
  job("lint"),
  job("ship", ...TESTS.map(({ name }) => name)),
];

test("jobs with like names, that wait for the same and are waited for by the same, are a group", () => {
  expect(groupsOf(JOBS).map(({ name, jobs }) => [name, jobs.length])).toEqual([["test-*", 4]]);
  expect(groupsOf([job("build"), ...TESTS.slice(1)])).toEqual([]);
});

test("a folded group stands in place of its jobs, unfolded they stand themselves", () => {
  const groups = groupsOf(JOBS);
  const folded = nodesOf(JOBS, groups, new Set(["test-*"]));
  expect(folded.map(({ name, dependsOn }) => [name, dependsOn])).toEqual([
    ["build", []],
    ["test-*", ["build"]],
    ["test-docs", ["lint"]],
    ["lint", []],
    ["ship", ["test-*"]],
  ]);
  expect(nodesOf(JOBS, groups, new Set()).map(({ name }) => name)).toEqual(JOBS.map(({ name }) => name));
});
