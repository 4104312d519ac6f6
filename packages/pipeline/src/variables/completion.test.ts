import { WaybillError } from "@waybill/core";
import { ManualClock } from "@waybill/core/testing";
import { describe, expect, it } from "vitest";
import type { Text } from "../model/definition.ts";
import { completeText, type RunContext } from "./complete-text.ts";
import { evaluateCondition, type ConditionContext } from "./condition.ts";
import { resolveDraft } from "./testing.ts";

const context: RunContext = {
  jobs: new Map([
    ["build", { status: "success", outputs: { version: "1.2" }, artifacts: { app: "dist/app.jar", log: "b.log" } }],
  ]),
  runtime: { WORKSPACE: "/work/1", WAYBILL_RUN_NUMBER: "7" },
  secrets: { TOKEN: "hunter2" },
};

function conditionContext(environment: Record<string, string> = {}): ConditionContext {
  return { ...context, environment, parameters: {}, system: {} };
}

/** A script line of a job that depends on `build`, resolved and then completed. */
function complete(text: string, environment: Record<string, string> = {}): string {
  const { definition, errors } = resolveDraft({
    artifacts: { app: ["*.jar"], log: ["*.log"] },
    jobs: { build: {}, use: { dependsOn: ["build"], environment, steps: [{ environment: { OUT: text } }] } },
  });
  expect(errors).toEqual([]);
  const out: Text = definition.jobs.get("use")?.steps[0]?.environment["OUT"] ?? "";
  expect(typeof out).toBe("object");
  return completeText(out, context);
}

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof WaybillError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "no error";
}

describe("completing text during the run", () => {
  it.each([
    ["${WORKSPACE}/x", "/work/1/x"],
    ["${job.build.status}", "SUCCESS"],
    ["${JOB.build.outputs.version}", "1.2"],
    ["${job.build.artifacts.app}", "dist/app.jar"],
    ["${job.build.artifacts.count}", "2"],
    ["${secrets.TOKEN}", "hunter2"],
    ["${secrets.NOPE:-none}", "none"],
    ["${job.build.outputs.nope:-0}", "0"],
    ["${WORKSPACE/\\//-}", "-work-1"],
    ["${WORKSPACE:+in ${WORKSPACE}}", "in /work/1"],
    ["$${X} ${WORKSPACE} $$${Y} ${{'$'}}${WORKSPACE}", "${X} /work/1 $${Y} $/work/1"],
    ["${{ job.build.artifacts.count + 1 }}", "3"],
    ["${{ job.build.outputs.version * 2 == 2.4 && env.A == 'x' }}", "true"],
    ["${DIR}/${DIR:-no}/${DIR/work/w}/${DIR:+yes}", "/work/1$/o//work/1$/o//w/1$/o/yes"],
    ["${BOTH:-no} ${BOTH:+yes}", "hunter2hunter2 yes"],
    ["${{ ${DIR} + '!' }} ${{ contains(env.DIR, 'work') }}", "/work/1$/o! true"],
    ["${NOPE:-\\{\\}$${WORKSPACE}}", "{}${WORKSPACE}"],
  ])("turns %s into %s", (text, expected) => {
    const environment = { A: "x", DIR: "${WORKSPACE}$/o", BOTH: "${secrets.TOKEN}${secrets.TOKEN}" };
    // The last is known beforehand; a reference of the run beside it keeps every case on the same way.
    expect(complete(`${text}\${secrets.NOPE:-}`, environment)).toBe(expected);
  });

  it("leaves final text alone, whatever it holds", () => {
    expect(completeText("${X} $${Y}", context)).toBe("${X} $${Y}");
  });

  it("never reads what a run provides as a template", () => {
    const hostile = { ...context, secrets: { TOKEN: "${WORKSPACE} ${{ 1 }}" } };
    expect(completeText({ deferred: "${secrets.TOKEN}" }, hostile)).toBe("${WORKSPACE} ${{ 1 }}");
  });

  it.each([
    ["${secrets.NOPE}", "VARIABLE_SECRET_UNKNOWN: There is no secret 'NOPE'"],
    ["${job.build.outputs.nope}", "VARIABLE_NOT_PROVIDED: The run provides no value for 'job.build.outputs.nope'"],
    ["${job.other.status}", "VARIABLE_NOT_PROVIDED: The run provides no value for 'job.other.status'"],
    ["${WAYBILL_JOB}", "VARIABLE_NOT_PROVIDED: The run provides no value for 'WAYBILL_JOB'"],
    [
      "${job.build.outputs.__proto__}",
      "VARIABLE_NOT_PROVIDED: The run provides no value for 'job.build.outputs.__proto__'",
    ],
    ["${broken", "VARIABLE_UNTERMINATED: The reference starting with '${broken' is never closed"],
  ])("fails on %s with a code", (deferred, expected) => {
    expect(codeOf(() => completeText({ deferred }, context))).toBe(expected);
  });

  it("keeps secrets out of messages", () => {
    const message = codeOf(() => completeText({ deferred: "${{ secrets.TOKEN * 2 }}" }, context));
    expect(message).toMatch(/^EXPRESSION_NOT_A_NUMBER/);
    expect(message).not.toContain("hunter2");
    expect(codeOf(() => completeText({ deferred: "${{ fromJSON(secrets.TOKEN) }}" }, context))).not.toContain(
      "hunter2",
    );
  });
});

describe("deciding whether a job runs", () => {
  it.each([
    ["job.build.status == 'SUCCESS'", true],
    ["${{ job.build.status != 'SUCCESS' }}", false],
    ["${FLAG}", true],
    ["!FLAG", false],
    ["job.build.artifacts.count > 1 && env.FLAG", true],
    ["WAYBILL_RUN_NUMBER % 2 == 1", true],
    ["true", true],
    ["'FALSE'", false],
  ])("finds %s to be %s", (source, expected) => {
    expect(evaluateCondition(source, conditionContext({ FLAG: "True" }))).toBe(expected);
  });

  it("takes parameters before the environment and the environment before the system", () => {
    const all = { ...conditionContext({ V: "e", W: "e" }), parameters: { V: "p" }, system: { V: "s", W: "s", X: "s" } };
    expect(evaluateCondition("V + W + X == 'pes'", all)).toBe(true);
  });

  it("fails with a code where a value of the run does not fit", () => {
    expect(codeOf(() => evaluateCondition("job.build.outputs.version", conditionContext()))).toBe(
      "EXPRESSION_CONDITION_TYPE: The condition must be true or false, got text '1.2'",
    );
    expect(codeOf(() => evaluateCondition("", conditionContext()))).toMatch(/^EXPRESSION_EMPTY/);
  });

  it("is ended after five seconds", () => {
    const clock = new ManualClock();
    const slow = { now: () => (clock.advance(3000), clock.now()) };
    const source = `contains('${"x,".repeat(400)}'.split(','), 'y') || true`;
    expect(codeOf(() => evaluateCondition(source, conditionContext(), slow))).toMatch(
      /^EXPRESSION_LIMIT: .* 5 seconds$/,
    );
  });
});

describe("a job's condition before the run", () => {
  function check(condition: string, environment: Record<string, string> = {}): string[] {
    return resolveDraft({
      jobs: { build: {}, use: { dependsOn: ["build"], environment, condition } },
    }).errors.map(
      ({ code, column, sourceLine, length }) => `${code} ${sourceLine.slice(column - 1, column - 1 + length)}`,
    );
  }

  it("keeps its source for people", () => {
    const { definition } = resolveDraft({
      jobs: { a: { condition: " ${{ env.S == 'x' }} ", environment: { S: "x" } }, b: { condition: "${S:-true}" } },
    });
    expect([...definition.jobs.values()].map((job) => job.condition)).toEqual(["env.S == 'x'", "${S:-true}"]);
  });

  it.each([
    ["job.build.status == 'SUCCESS' && ${S} == 'prod'", []],
    ["env.NOPE == 'x'", ["VARIABLE_UNDEFINED env.NOPE"]],
    ["${{ env.NOPE == 'x' }}", ["VARIABLE_UNDEFINED env.NOPE"]],
    ["${NOPE}", ["VARIABLE_UNDEFINED ${NOPE}"]],
    ["${S}", ["EXPRESSION_CONDITION_TYPE ${S}"]],
    ["job.build.artifacts.count", ["EXPRESSION_CONDITION_TYPE job.build.artifacts.count"]],
    ["job.build.status == 'SUCCESS' && S > 3", ["EXPRESSION_NOT_A_NUMBER S"]],
    ["job.build.artifacts.count / 0 > 1", ["EXPRESSION_DIVISION_BY_ZERO job.build.artifacts.count / 0"]],
    ["'${S}' == 'prod'", ["EXPRESSION_QUOTED_REFERENCE ${S}"]],
    ["S == prod", ["VARIABLE_UNDEFINED prod"]],
    ["secrets.TOKEN == 'x'", ["VARIABLE_SECRET_MISPLACED secrets.TOKEN"]],
  ])("is checked: %s", (condition, expected) => {
    expect(check(condition, { S: "prod" })).toEqual(expected);
  });
});
