import { describe, expect, it } from "vitest";
import { WorkMeter } from "./budget.ts";
import { MAX_EXPRESSION_DEPTH, MAX_EXPRESSION_LENGTH } from "./limits.ts";
import { parseExpression } from "./parser.ts";
import { evaluate, wordsOf } from "./testing.ts";
import { UNKNOWN, type Unknown } from "./values.ts";

const variables = { STAGE: "prod", COUNT: "4", TARGETS: "web,api", FLAG: "TRUE", EMPTY: "" };

describe("expressions", () => {
  it.each([
    ["1 + 2 * 3 - 4 / 2 % 3", 5],
    ["(1 + 2) * 3", 9],
    ["2 - 1 - 1", 0],
    ["-2 * -3", 6],
    ["!true || true", true],
    ["!(true || true)", false],
    ["false && true || true", true],
    ["true || false && false", true],
    ["1 < 2 == true", true],
    ["-COUNT + 1", -3],
    ["--1", 1],
    ["'a' + 1 + 2", "a12"],
    ["1 + 2 + 'a'", "3a"],
    ["'x' + true", "xtrue"],
    ["COUNT + 1", "41"],
    ["'1' + '2'", "12"],
    ["COUNT - 1 == 3 && COUNT == 4 && COUNT == '4' && COUNT != '4.0'", true],
    ["COUNT <= 4 && '0.5e1' >= 5", true],
    ["FLAG && FLAG == true && !(FLAG == false)", true],
    ["STAGE == true", false],
    ["null == null && !(EMPTY == null)", true],
    ["contains(TARGETS.split(','), 'api')", true],
    ["contains('1,2'.split(','), 2)", true],
    ["contains(TARGETS, 'b,a')", true],
    ["contains('a1', 1)", true],
    ["startsWith(STAGE, '')", true],
    ["join(fromJSON('[1, true, null, \"x\"]'), '-')", "1-true-null-x"],
    ["join(''.split(','), '-')", ""],
    ["format('{}{}', 1, 'a')", "1a"],
    ["format('none')", "none"],
    ["fromJSON('{\"a\": [{\"b\": 7}]}').a[0]['b']", 7],
    ["fromJSON('{\"__proto__\": 1}').__proto__", 1],
  ])("%s", (source, expected) => {
    expect(evaluate(source, variables)).toEqual({ value: expected, problem: null });
  });

  it.each([
    ["1 +", "EXPRESSION_SYNTAX: Expected a value in the expression, found the end"],
    ["1 2", "EXPRESSION_SYNTAX: Expected an operator or the end in the expression, found '2'"],
    ["(1", "EXPRESSION_SYNTAX: Expected ')' in the expression, found the end"],
    ["contains('a' 'b')", "EXPRESSION_SYNTAX: Expected ')' in the expression, found ''b''"],
    ["1 = 1", "EXPRESSION_SYNTAX: Expected a value or an operator in the expression, found '='"],
    ["a ? b : c", "EXPRESSION_SYNTAX: Expected a value or an operator in the expression, found '?'"],
    ["  ", "EXPRESSION_EMPTY: The expression is empty"],
    ["'a", "EXPRESSION_STRING_UNTERMINATED: The text starting with 'a has no closing quote"],
    ["'a\\", "EXPRESSION_STRING_UNTERMINATED: The text starting with 'a\\ has no closing quote"],
    ["'\\x'", "EXPRESSION_STRING_ESCAPE: '\\x' is not an escape sequence"],
    ["env", "no problem"],
    ["env.", "EXPRESSION_NAMESPACE: 'env' must be followed by a name that is fixed text"],
    ["secrets[NAME]", "EXPRESSION_NAMESPACE: 'secrets' must be followed by a name that is fixed text"],
    ["eval('1')", "EXPRESSION_UNKNOWN_FUNCTION: There is no function 'eval'"],
    ["constructor('x')", "EXPRESSION_UNKNOWN_FUNCTION: There is no function 'constructor'"],
    ["STAGE.toString()", "EXPRESSION_UNKNOWN_METHOD: There is no method 'toString'"],
    ["env.STAGE.constructor.constructor('x')()", "EXPRESSION_UNKNOWN_METHOD: There is no method 'constructor'"],
    ["contains('a')", "EXPRESSION_ARGUMENTS: contains takes 2 arguments, got 1"],
    ["STAGE.split()", "EXPRESSION_ARGUMENTS: split takes 1 argument, got 0"],
    ["format()", "EXPRESSION_ARGUMENTS: format takes at least 1 argument, got 0"],
    ["1 && true", "EXPRESSION_TYPE: '&&' needs true or false, got a number"],
    ["true < 1", "EXPRESSION_TYPE: '<' needs a number, got true or false"],
    ["true + 1", "EXPRESSION_TYPE: '+' needs text or a number, got true or false"],
    ["'a' + null", "EXPRESSION_TYPE: '+' needs text or a number or true or false, got null"],
    ["STAGE['length']", "EXPRESSION_TYPE: Member access needs an object or a list, got text"],
    ["join(STAGE, ',')", "EXPRESSION_TYPE: join needs a list, got text"],
    ["fromJSON('[1]') == 1", "EXPRESSION_TYPE: '==' needs text or a number or true or false or null, got a list"],
    ["STAGE * 2", "EXPRESSION_NOT_A_NUMBER: '*' needs a number, got text 'prod'"],
    ["EMPTY > 1", "EXPRESSION_NOT_A_NUMBER: '>' needs a number, got text ''"],
    ["'0x10' * 1", "EXPRESSION_NOT_A_NUMBER: '*' needs a number, got text '0x10'"],
    ["1 % 0", "EXPRESSION_DIVISION_BY_ZERO: '%' divides by zero"],
    ["1e999", "EXPRESSION_NUMBER_RANGE: 1e999 gives a number that is too large"],
    ["fromJSON('{')", "EXPRESSION_JSON: fromJSON needs valid JSON, got '{'"],
    ["fromJSON('[1]')[1]", "EXPRESSION_MEMBER_MISSING: The value has no member '1'"],
    ["fromJSON('[1]').length", "EXPRESSION_MEMBER_MISSING: The value has no member 'length'"],
    ["fromJSON('{}').__proto__", "EXPRESSION_MEMBER_MISSING: The value has no member '__proto__'"],
    ["fromJSON('{}')['constructor']", "EXPRESSION_MEMBER_MISSING: The value has no member 'constructor'"],
  ])("%s: %s", (source, expected) => {
    expect(wordsOf(evaluate(source, variables))).toBe(expected);
  });

  it("reads dotted names, names of jobs with hyphens, and forms of reference", () => {
    const source = "a.b.c + env['x y'] + job.build-web.outputs.my-out - job['a.b'].artifacts.count + ${A:-b}";
    const { expression } = parseExpression(source);
    expect(
      expression?.references.map((reference) => [reference.kind, "name" in reference ? reference.name : ""]),
    ).toEqual([
      ["name", "a.b.c"],
      ["name", "x y"],
      ["name", "job.build-web.outputs.my-out"],
      ["name", "job.a.b.artifacts.count"],
      ["text", ""],
    ]);
  });

  it("does not look at the right side of && and || where the left decides", () => {
    expect(evaluate("false && 1 / 0 > 1").value).toBe(false);
    expect(evaluate("true || STAGE > 1", variables).value).toBe(true);
  });

  it("is unknown where it depends on what is unknown, and finds mistakes around it", () => {
    const partly: Readonly<Record<string, string | Unknown>> = { ...variables, LATER: UNKNOWN };
    expect(evaluate("LATER == 'x' && true", partly).value).toBe(UNKNOWN);
    expect(evaluate("false && LATER == 'x'", partly).value).toBe(false);
    expect(evaluate("contains(LATER, 'x')", partly).value).toBe(UNKNOWN);
    expect(wordsOf(evaluate("LATER == 'x' && STAGE * 2 > 1", partly))).toMatch(/^EXPRESSION_NOT_A_NUMBER/);
    expect(wordsOf(evaluate("LATER / (1 - 1) > 1", partly))).toMatch(/^EXPRESSION_DIVISION_BY_ZERO/);
  });

  it("suggests the function that was meant", () => {
    const { problem } = evaluate("startWith(STAGE, 'p')");
    expect(problem?.parameters["hint"]).toBe('Did you mean "startsWith"? ');
  });

  it("keeps values out of messages when told to", () => {
    const secret = { S: "hunter2" };
    for (const source of ["S * 2", "fromJSON(S)", "S && true", "fromJSON('{\"hunter2\":1}').x"]) {
      expect(wordsOf(evaluate(source, secret, { redact: true }))).not.toContain("hunter2");
    }
  });
});

describe("limits of expressions", () => {
  function limitOf(source: string, values: Readonly<Record<string, string>> = {}): string {
    return wordsOf(evaluate(source, values));
  }

  it.each([
    ["parentheses", "(".repeat(5000)],
    ["signs", "-".repeat(5000) + "1"],
    ["operators", "1" + "+1".repeat(5000)],
    ["members", "fromJSON('1')" + "[0]".repeat(4000)],
    ["calls", "fromJSON(".repeat(1500) + "1"],
  ])("bound the depth of %s", (_, source) => {
    expect(limitOf(source)).toMatch(new RegExp(`^EXPRESSION_LIMIT: .* ${MAX_EXPRESSION_DEPTH} operations`));
  });

  it("bound the length", () => {
    expect(limitOf(`'${"x".repeat(MAX_EXPRESSION_LENGTH)}'`)).toMatch(/^EXPRESSION_LIMIT/);
  });

  it("bound the text an operation makes", () => {
    const half = { H: "x".repeat(600_000) };
    expect(limitOf("H + H", half)).toMatch(/1048576 characters/);
    expect(limitOf("format('{}{}', H, H)", half)).toMatch(/1048576 characters/);
    expect(limitOf("join('a,b,c'.split(','), H)", half)).toMatch(/1048576 characters/);
  });

  it("bound the elements of a list", () => {
    expect(limitOf("L.split('')", { L: "x".repeat(200_000) })).toMatch(/100000 steps/);
  });

  it("bound a search, which is the product of the lengths at worst", () => {
    const values = { T: "a".repeat(1_000_000), N: "a".repeat(500) + "b" + "a".repeat(500), LONG: "a".repeat(2000) };
    expect(limitOf("contains(T, N)", values)).toMatch(/100000 steps/);
    expect(limitOf("contains(T, LONG)", values)).toMatch(/1024 characters in a text to search for/);
    expect(limitOf("contains(T, 'b')", values)).toBe("no problem");
  });

  it("bound the depth of JSON", () => {
    expect(limitOf("fromJSON(J)", { J: "[".repeat(65) + "]".repeat(65) })).toMatch(/64 levels in JSON/);
    expect(limitOf("fromJSON(J)", { J: '{"a":"' + "[".repeat(100) + '"}' })).toBe("no problem");
  });

  it("bound what many expressions cost together", () => {
    const meter = new WorkMeter();
    const values = { L: "x".repeat(40_000) };
    const outcomes = Array.from({ length: 200 }, () =>
      wordsOf(evaluate("contains(L.split(''), 'y')", values, { meter })),
    );
    expect(outcomes[0]).toBe("no problem");
    expect(outcomes.at(-1)).toMatch(/10000000 steps for all expressions together/);
  });
});
