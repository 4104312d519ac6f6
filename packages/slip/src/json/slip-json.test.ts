import { describe, expect, test } from "vitest";
import { DEFAULT_ROUTE } from "../route/route.ts";
import { Bench } from "../testing/bench.ts";
import { parseSlip, slipToJson } from "./slip-json.ts";

async function sample(): Promise<Bench> {
  const bench = new Bench();
  bench.graph.line("p1", "p2");
  await bench.push("p1", { commitSha: "p1", components: [{ name: "svc-a", dockerfilePath: "a/Dockerfile" }] });
  await bench.client.failStep("corr-p1", "build", "svc-a", "exit 1");
  await bench.push("p2", { commitSha: "p2", components: [{ name: "svc-a", dockerfilePath: "" }] });
  await bench.client.startStep("corr-p2", "dev_deploy");
  await bench.client.promoteSlip("corr-p2", "corr-x");
  return bench;
}

test("a slip comes back from its JSON", async () => {
  const bench = await sample();
  for (const name of ["p1", "p2"]) {
    const slip = await bench.slip(name);
    expect(parseSlip(JSON.stringify(slipToJson(slip)), DEFAULT_ROUTE)).toEqual(slip);
  }
});

test("the JSON has the names of the wire, and leaves out what is not set", async () => {
  const json = slipToJson(await (await sample()).slip("p2"));
  expect(Object.keys(json)).toEqual([
    "slip_id",
    "correlation_id",
    "repository",
    "source_repository",
    "branch",
    "commit_sha",
    "created_at",
    "updated_at",
    "status",
    "components",
    "steps",
    "state_history",
    "ancestry",
    "promoted_to",
  ]);
  expect(json).toMatchObject({
    created_at: "1970-01-01T00:16:40.000Z",
    promoted_to: "corr-x",
    components: [{ name: "svc-a", dockerfile_path: "", build_status: "pending", unit_test_status: "pending" }],
    ancestry: { items: ["p1"], entries: [{ commit_sha: "p1", failed_step: "builds_completed", link: "git" }] },
  });
  expect((json["components"] as object[])[0]).not.toHaveProperty("image_tag");
  expect((json["steps"] as Record<string, object>)["dev_tests"]).toEqual({ status: "pending" });
});

describe("what is malformed is named", () => {
  test.each([
    ["{", "it is not JSON"],
    ["[]", "it should be an object"],
    ["{}", "slip_id should be a text"],
  ])("%s", (text, problem) => {
    expect(() => parseSlip(text, DEFAULT_ROUTE)).toThrow(
      expect.objectContaining({ code: "SLIP_DAMAGED", message: expect.stringContaining(problem) as string }),
    );
  });

  test.each([
    ["created_at", "yesterday", "created_at is not a time of RFC 3339"],
    ["status", "lost", "status should be one of pending"],
    ["components", "[]", "components should be a list"],
    ["components", [{ name: "a", build_status: "lost" }], "should be one of pending"],
    ["steps", { dev_deploy: { status: 1 } }, "steps.dev_deploy.status"],
    ["state_history", [{ step: "a" }], "state_history.0.status"],
    ["ancestry", [], "ancestry should be an object"],
  ])("%s: %j", async (field, value, problem) => {
    const json = { ...slipToJson(await (await sample()).slip("p2")), [field]: value };
    expect(() => parseSlip(JSON.stringify(json), DEFAULT_ROUTE)).toThrow(problem);
  });
});
