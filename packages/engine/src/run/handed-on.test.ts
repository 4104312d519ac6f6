import { expect, test } from "vitest";
import type { SavedArtifact } from "../ports/files.ts";
import { definitionOf } from "@waybill/pipeline/testing";
import { HandedOn } from "./handed-on.ts";

/** What the last of the jobs gets, as names of the jobs it comes from; each job but the last saves one artifact. */
function receivedByLast(dependencies: Readonly<Record<string, readonly string[]>>): string[] {
  const names = Object.keys(dependencies);
  const sketches = names.map((name) => [name, { dependsOn: dependencies[name] ?? [] }] as const);
  const { jobs } = definitionOf(Object.fromEntries(sketches));
  const own = new Map(names.map((jobName) => [jobName, [artifactOf(jobName)]]));
  const handedOn = new HandedOn((name) => own.get(name) ?? []);
  let received: readonly SavedArtifact[] = [];
  for (const job of jobs.values()) received = handedOn.receive(job);
  return received.map(({ jobName }) => jobName);
}

function artifactOf(jobName: string): SavedArtifact {
  return { name: "f", jobName, ref: jobName, sizeBytes: 0, fileCount: 1 };
}

test("artifacts of a chain come in the order of its jobs", () => {
  expect(receivedByLast({ a: [], b: ["a"], c: ["b"], last: ["c"] })).toEqual(["a", "b", "c"]);
});

test("an artifact that reaches a job on two ways is restored once", () => {
  expect(receivedByLast({ a: [], b: ["a"], c: ["a"], last: ["b", "c"] })).toEqual(["a", "b", "c"]);
});

test("a direct dependency counts more than a distant one, whichever is named first", () => {
  expect(receivedByLast({ far: [], between: ["far"], near: [], last: ["near", "between"] }).at(0)).toBe("far");
  expect(receivedByLast({ far: [], between: ["far"], near: [], last: ["between", "near"] }).at(0)).toBe("far");
});

test("of two as near the one that depends on the other counts, whichever is named first", () => {
  expect(receivedByLast({ a: [], b: ["a"], last: ["a", "b"] })).toEqual(["a", "b"]);
  expect(receivedByLast({ a: [], b: ["a"], last: ["b", "a"] })).toEqual(["a", "b"]);
  // Seen through q alone, a is nearer than b.
  const throughTwo = receivedByLast({ a: [], b: ["a"], r: ["b"], q: ["a", "r"], p: ["b"], last: ["q", "p"] });
  expect(throughTwo.indexOf("a")).toBeLessThan(throughTwo.indexOf("b"));
});

test("of two as near and unrelated the one named later counts", () => {
  expect(receivedByLast({ a: [], b: [], last: ["b", "a"] })).toEqual(["b", "a"]);
});
