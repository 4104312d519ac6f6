import { WaybillError } from "@waybill/core";
import { describe, expect, it } from "vitest";
import { isDeferred, type Text } from "../model/definition.ts";
import type { VariableInputs } from "./resolve-pipeline.ts";
import { resolveDraft } from "./testing.ts";
import { VariableSubstitution } from "./variable-substitution.ts";

interface Places {
  readonly global?: Readonly<Record<string, string>>;
  readonly job?: Readonly<Record<string, string>>;
  readonly step?: Readonly<Record<string, string>>;
}

function scriptOf(text: string, places: Places = {}, inputs: Partial<VariableInputs> = {}): Text {
  const { definition, errors } = resolveDraft(
    {
      globalEnv: places.global ?? {},
      jobs: { build: { environment: places.job ?? {}, steps: [{ environment: places.step ?? {}, script: [text] }] } },
    },
    inputs,
  );
  expect(errors).toEqual([]);
  return definition.jobs.get("build")?.steps[0]?.script[0] ?? "";
}

function messagesOf(text: string, places: Places = {}, inputs: Partial<VariableInputs> = {}): string[] {
  return resolveDraft(
    {
      globalEnv: places.global ?? {},
      jobs: { build: { environment: places.job ?? {}, steps: [{ environment: places.step ?? {}, script: [text] }] } },
    },
    inputs,
  ).errors.map(({ code, message }) => `${code}: ${message}`);
}

describe("variable substitution", () => {
  it.each([
    ["environment", "${HOME}", { HOME: "/home/user" }, "/home/user"],
    ["dotted name", "${build.artifact}", { "build.artifact": "app.jar" }, "app.jar"],
    ["two side by side", "${base}/${file}", { base: "/tmp", file: "test.log" }, "/tmp/test.log"],
    ["a name that begins like a namespace", "${pipeline.version}", { "pipeline.version": "1.2.3" }, "1.2.3"],
    ["a variable called env", "${env}-${version}", { env: "prod", version: "1.0" }, "prod-1.0"],
    ["a variable called job.artifact", "${job.artifact}", { "job.artifact": "a.jar" }, "a.jar"],
  ])("replaces %s", (_, text, job, expected) => {
    expect(scriptOf(text, { job })).toBe(expected);
  });

  it("takes a parameter before the step, the job, the pipeline and the system", () => {
    const system = { V: "system" };
    const global = { V: "global" };
    const job = { V: "job" };
    const step = { V: "step" };
    expect(scriptOf("${V:-default}", {}, {})).toBe("default");
    expect(scriptOf("${V:-default}", {}, { system })).toBe("system");
    expect(scriptOf("${V}", { global }, { system })).toBe("global");
    expect(scriptOf("${V}", { global, job }, { system })).toBe("job");
    expect(scriptOf("${V}", { global, job, step }, { system })).toBe("step");
    expect(scriptOf("${V}", { global, job, step }, { system, parameters: { V: "parameter" } })).toBe("parameter");
  });

  it("puts a parameter into every environment map that names it, so that $V and ${V} agree", () => {
    const { definition } = resolveDraft(
      { globalEnv: { V: "global" }, jobs: { build: { environment: { V: "job" } } } },
      { parameters: { V: "parameter" } },
    );
    expect(definition.globalEnv).toEqual({ V: "parameter" });
    expect(definition.jobs.get("build")?.environment).toEqual({ V: "parameter" });
  });

  it("keeps a job's variables from other jobs", () => {
    const { errors } = resolveDraft({
      jobs: { build: { environment: { ONLY_HERE: "1" } }, test: { steps: [{ script: ["${ONLY_HERE}"] }] } },
    });
    expect(errors.map(({ message }) => message)).toEqual(["Variable 'ONLY_HERE' not found in job 'test' scope"]);
  });

  it("resolves values that refer to other values, whatever their order", () => {
    expect(scriptOf("${A}", { job: { A: "<${B}>", B: "[${C}]", C: "c" } })).toBe("<[c]>");
  });

  it("resolves a global value among global values only", () => {
    expect(scriptOf("${OUT}", { global: { OUT: "${DIR}/x", DIR: "global" }, job: { DIR: "job" } })).toBe("global/x");
  });

  it("reads the hidden variable where a value refers to its own name", () => {
    const places = { global: { P: "${P}:global" }, job: { P: "${P}:job" }, step: { P: "${P}:step" } };
    expect(scriptOf("${P}", places, { system: { P: "/bin" } })).toBe("/bin:global:job:step");
  });

  it("finds nothing to hide behind an own name only where it has no default", () => {
    expect(scriptOf("${P}", { job: { P: "${P:-/bin}:x" } })).toBe("/bin:x");
    expect(messagesOf("", { job: { P: "${P}:x" } })).toEqual(["VARIABLE_CIRCULAR: Circular variable reference: P → P"]);
  });

  it("names the circle of values that refer to each other, once", () => {
    expect(messagesOf("${A} ${B}", { job: { A: "${B}", B: "${C}", C: "x${B}" } })).toEqual([
      "VARIABLE_CIRCULAR: Circular variable reference: B → C → B",
    ]);
  });

  it.each([false, true])("allows a chain of 32 variables and no more, in any order (reversed: %s)", (reversed) => {
    function chain(length: number): Record<string, string> {
      const entries = Array.from({ length }, (_, index) => [`V${index}`, index === 0 ? "end" : `\${V${index - 1}}`]);
      return Object.fromEntries(reversed ? entries.toReversed() : entries) as Record<string, string>;
    }
    expect(scriptOf("${V31}", { job: chain(32) })).toBe("end");
    const [message, ...others] = messagesOf("${V32}", { job: chain(33) });
    expect(message).toMatch(/^VARIABLE_CHAIN_TOO_LONG: More than 32 .* chain: V32 → V31 → .* → V0$/);
    expect(others).toEqual([]);
  });

  it("stops values that double themselves", () => {
    const doubling = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [`V${index}`, index === 0 ? "xxxx" : `\${V${index - 1}}`.repeat(2)]),
    );
    const messages = messagesOf("${V29}", { job: doubling });
    expect(messages).toEqual(["VARIABLE_TEXT_TOO_LARGE: The text grows past 1 MiB when its variables are replaced"]);
  });

  it("bounds what all texts of a pipeline grow to together", () => {
    const { errors } = resolveDraft({
      globalEnv: { BIG: "x".repeat(1_000_000) },
      jobs: { build: { steps: [{ script: Array.from({ length: 100 }, () => "${BIG}") }] } },
    });
    expect(errors.map(({ message }) => message)).toEqual([
      "The whole pipeline grows past 64 MiB when its variables are replaced",
    ]);
  });

  it("takes empty for unset in defaults and alternates", () => {
    expect(scriptOf("[${E:-d}] [${E:+a}] [${F:-d}] [${F:+a}]", { job: { E: "", F: "f" } })).toBe("[d] [] [f] [a]");
  });

  it("replaces every occurrence of a pattern, compared literally", () => {
    expect(scriptOf("${B/\\//-} ${B/./_} ${B/a/$&}", { job: { B: "a/b/a" } })).toBe("a-b-a a/b/a $&/b/$&");
  });

  it("leaves the shell its own: $NAME, $$, $( ) and escaped references", () => {
    const text = "echo $HOME $$ $(date) ${{'$'}}{ $${X:-y} $$${Z}";
    expect(scriptOf(text)).toBe("echo $HOME $$ $(date) ${ ${X:-y} $${Z}");
  });

  it("never reads parameters, system and matrix values as templates", () => {
    const inputs = { parameters: { P: "${X}" }, system: { S: "${{ 1 }}" }, matrix: { m: "${Y}" } };
    expect(scriptOf("${P} ${S} ${matrix.m}", {}, inputs)).toBe("${X} ${{ 1 }} ${Y}");
  });

  it("treats names of object members as ordinary names", () => {
    expect(scriptOf("${__proto__:-a} ${constructor:-b} ${toString:-c}")).toBe("a b c");
    const { definition } = resolveDraft({ globalEnv: JSON.parse('{"__proto__":"v"}') as Record<string, string> });
    expect(Object.entries(definition.globalEnv)).toEqual([["__proto__", "v"]]);
  });

  it("reports every undefined variable with close names and those there are", () => {
    const { errors } = resolveDraft({
      jobs: { build: { environment: { BRANCH: "main" }, steps: [{ script: ["${BRANHC} ${QQQQQQQQ}"] }] } },
    });
    expect(errors.map(({ message }) => message)).toEqual([
      "Variable 'BRANHC' not found in job 'build' scope",
      "Variable 'QQQQQQQQ' not found in job 'build' scope",
    ]);
    expect(errors[0]?.suggestion).toContain('Did you mean "BRANCH"?');
    expect(errors[1]?.suggestion).toContain("Available variables: BRANCH, WAYBILL_ATTEMPT,");
  });

  it("reports what is wrong with one reference and still looks at the others", () => {
    expect(messagesOf("${} ${NOPE} ${X%y} ${{ 1 + }}").map((message) => message.split(":")[0])).toEqual([
      "VARIABLE_NAME_EMPTY",
      "VARIABLE_UNDEFINED",
      "VARIABLE_SHELL_FORM",
      "EXPRESSION_SYNTAX",
    ]);
  });

  it("reports a mistake in a value where the value stands, not where it is used", () => {
    const { errors } = resolveDraft({
      globalEnv: { A: "${NOPE}" },
      jobs: { build: { steps: [{ script: ["${A}", "${A}"] }] } },
    });
    expect(errors.map(({ path }) => path)).toEqual(["global_env.A"]);
  });

  it.each([
    ["${VAR_${SUFFIX}}", "Cannot resolve nested variable reference: VAR_${SUFFIX}"],
    ["${ A }", "' A ' is not a variable name"],
    ["${A", "The reference starting with '${A' is never closed"],
    ["${{ env.A", "The reference starting with '${{ env.A' is never closed"],
    ["${A:-${B}", "The reference starting with '${A' is never closed"],
    ["${A/x}", "'${A/x}' is not a valid replacement: a slash is missing"],
    ["${A/x/${B}}", "'${A/x/${B}}' is not a valid replacement: pattern and replacement cannot hold references"],
  ])("says what is wrong with %s", (text, expected) => {
    expect(messagesOf(text).map((message) => message.slice(message.indexOf(": ") + 2))).toEqual([expected]);
  });

  it.each(["${#V}", "${V%.*}", "${V##*/}", "${V:0:3}", "${V:=x}", "${V:?m}", "${!V}", "${a[@]}", "${V^^}", "${@}"])(
    "tells how to leave %s to the shell",
    (text) => {
      const [error] = resolveDraft({ jobs: { build: { steps: [{ script: [text] }] } } }).errors;
      expect(error?.code).toBe("VARIABLE_SHELL_FORM");
      expect(error?.suggestion).toContain(`'$${text}'`);
      expect(scriptOf(`$${text}`)).toBe(text);
    },
  );

  it("points at the reference inside its line, also at the second of the same text", () => {
    const { errors } = resolveDraft({ jobs: { build: { steps: [{ script: ["$${X} ${X} and"] }] } } });
    const [error] = errors;
    const start = (error?.column ?? 0) - 1;
    expect(error?.sourceLine.slice(start, start + (error?.length ?? 0))).toBe("${X}");
    expect(error?.sourceLine.slice(0, start)).toMatch(/\$\$\{X\} $/);
  });

  it("keeps references that only the run knows, with literal text escaped", () => {
    const text = scriptOf("$${A} ${WORKSPACE} ${OUT}", { job: { OUT: "${WAYBILL_RUN_ID}/$${B}" } });
    expect(text).toEqual({ deferred: "$${A} ${WORKSPACE} ${WAYBILL_RUN_ID}/$${B}" });
  });

  it("lets a variable of the file win over one the run provides", () => {
    expect(scriptOf("${WORKSPACE}", { job: { WORKSPACE: "/src" } })).toBe("/src");
    expect(isDeferred(scriptOf("${WORKSPACE}"))).toBe(true);
  });

  it("reads matrix values only from what is supplied", () => {
    expect(scriptOf("${matrix.v}", { job: { "matrix.v": "no" } }, { matrix: { v: "3.9" } })).toBe("3.9");
    expect(messagesOf("${matrix.w}", { job: { "matrix.w": "no" } }, { matrix: { v: "3.9" } })).toEqual([
      "VARIABLE_UNDEFINED: Variable 'matrix.w' not found in matrix scope",
    ]);
  });
});

describe("VariableSubstitution", () => {
  const substitution = new VariableSubstitution({ A: "a-${B}", B: "b" }, { HOME: "/home/user" });

  it("resolves with the variables of a job above its own", () => {
    expect(substitution.resolveVariables("${A} ${B} ${HOME}", { B: "job" })).toBe("a-b job /home/user");
  });

  it("resolves one name, with a default", () => {
    expect(substitution.resolveSingleVariable("B")).toBe("b");
    expect(substitution.resolveSingleVariable("NOPE:-x")).toBe("x");
  });

  it("throws one error that names all undefined variables", () => {
    expect(() => substitution.resolveVariables("${X} ${Y} ${X}")).toThrow("Variable 'X', 'Y' not found");
    expect(() => substitution.resolveVariables("${X}")).toThrow(WaybillError);
  });

  it("lists undefined names without throwing, leaving out those with a default", () => {
    const text = "${A} ${X} ${Y:-1} ${{ env.Z == ${Q} }} ${W";
    expect(substitution.validateVariableReferences(text, ["A"])).toEqual(["X", "Z", "Q"]);
  });

  it("lists available names sorted and once", () => {
    expect(substitution.getAvailableVariables({ B: "1", Z: "1" })).toEqual(["A", "B", "HOME", "Z"]);
  });

  it("takes an empty system environment for empty", () => {
    expect(() => new VariableSubstitution({}, {}).resolveVariables("${PATH}")).toThrow("'PATH'");
  });

  it("sees no more of this process's environment than pipelines may", () => {
    process.env["WAYBILL_TEST_CREDENTIAL"] = "value";
    try {
      expect(new VariableSubstitution({}).getAvailableVariables()).not.toContain("WAYBILL_TEST_CREDENTIAL");
    } finally {
      delete process.env["WAYBILL_TEST_CREDENTIAL"];
    }
  });
});
