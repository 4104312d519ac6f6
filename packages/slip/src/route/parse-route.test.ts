import { describe, expect, test } from "vitest";
import { parseRoute } from "./parse-route.ts";
import { DEFAULT_ROUTE, routeToJson } from "./route.ts";

test("the default route has the thirteen steps, with what they wait for and how long", () => {
  expect(DEFAULT_ROUTE.steps.map(({ name }) => name)).toEqual([
    "push_parsed",
    "builds_completed",
    "unit_tests_completed",
    "secret_scan_completed",
    "dev_deploy",
    "dev_tests",
    "preprod_deploy",
    "preprod_tests",
    "prod_release_created",
    "prod_deploy",
    "prod_tests",
    "alert_gate",
    "prod_steady_state",
  ]);
  const all = [...DEFAULT_ROUTE.componentSteps, ...DEFAULT_ROUTE.sourceSteps, ...DEFAULT_ROUTE.steps];
  const waiting = all.filter(({ prerequisites }) => prerequisites.length > 0);
  expect(
    waiting.map(({ name, prerequisites, holdTimeoutMs }) => [
      name,
      prerequisites.join(","),
      (holdTimeoutMs ?? 0) / 60_000,
    ]),
  ).toEqual([
    ["build", "push_parsed", 60],
    ["unit_test", "push_parsed", 60],
    ["secret_scan", "push_parsed", 60],
    ["dev_deploy", "builds_completed,unit_tests_completed,secret_scan_completed", 120],
    ["dev_tests", "dev_deploy", 60],
    ["preprod_deploy", "dev_tests", 60],
    ["preprod_tests", "preprod_deploy", 60],
    ["prod_release_created", "preprod_tests", 60],
    ["prod_deploy", "prod_release_created", 60],
    ["prod_tests", "prod_deploy", 60],
    ["alert_gate", "prod_tests", 60],
  ]);
});

test("a route comes back from its JSON", () => {
  expect(parseRoute(JSON.stringify(routeToJson(DEFAULT_ROUTE)))).toEqual(DEFAULT_ROUTE);
});

test("a short one is enough", () => {
  const route = parseRoute(
    '{"steps": ["pushed", {"name": "live", "prerequisites": ["pushed"], "hold_timeout": "1h30m"}]}',
  );
  expect(route).toMatchObject({ name: "", version: "1", finalStep: "live", componentSteps: [] });
  expect(route.steps[1]).toMatchObject({ prerequisites: ["pushed"], holdTimeoutMs: 5_400_000 });
});

describe("what cannot be a route is refused", () => {
  test.each([
    ["{", "it is not JSON"],
    ["[]", "it should be an object"],
    ['{"steps": []}', "steps is too short"],
    ['{"steps": ["a"], "stages": []}', 'unknown "stages"'],
    ['{"steps": ["a", "a"]}', 'two steps are called "a"'],
    ['{"steps": ["a"], "component_steps": ["a"]}', 'two steps are called "a"'],
    ['{"steps": ["Deploy It"]}', '"Deploy It" cannot be a step'],
    ['{"steps": ["a\\"; drop table x"]}', "cannot be a step"],
    ['{"steps": ["slip"]}', "the history has it for the slip itself"],
    ['{"steps": ["deploy", {"name": "b", "prerequisites": ["deplyo"]}]}', 'did you mean "deploy"?'],
    ['{"steps": ["a"], "final_step": "b"}', 'final_step is "b"'],
    ['{"steps": [{"name": "a", "prerequisites": ["b"]}, {"name": "b", "prerequisites": ["a"]}]}', "a -> b -> a"],
    ['{"steps": [{"name": "a", "aggregates": "b"}, {"name": "b", "prerequisites": ["a"]}]}', "a -> b -> a"],
    ['{"steps": [{"name": "a", "aggregates": "build"}]}', 'aggregates "build", which is no step'],
    ['{"steps": ["b"], "component_steps": [{"name": "a", "aggregates": "b"}]}', "it is no step of the route"],
    ['{"steps": [{"name": "a", "hold_timeout": "60"}]}', "no duration such as 60m"],
    ['{"steps": [{"name": "a", "poll_interval": "-5s"}]}', "no duration such as 60m"],
  ])("%s", (json, problem) => {
    expect(() => parseRoute(json)).toThrow(
      expect.objectContaining({ code: "SLIP_ROUTE_INVALID", message: expect.stringContaining(problem) as string }),
    );
  });
});
