import { readFileSync } from "node:fs";
import { errorRegistry, WaybillError } from "@waybill/core";
import { describe, expect, it } from "vitest";
import { evaluateCondition } from "./condition.ts";
import { resolveDraft } from "./testing.ts";

const page = readFileSync(new URL("../../../../docs/reference/variables-and-expressions.md", import.meta.url), "utf8");

/** Rows of every table with this heading, as the text between the backticks of each cell. */
function rows(first: string, second: string): (readonly [string, string])[] {
  const found: (readonly [string, string])[] = [];
  let inTable = false;
  for (const line of page.split("\n")) {
    const cells = line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim());
    if (cells.length !== 2) inTable = false;
    else if (cells[0] === first && cells[1] === second) inTable = true;
    else if (inTable && !/^-+$/.test(cells[0] ?? "")) found.push([unquote(cells[0] ?? ""), unquote(cells[1] ?? "")]);
  }
  expect(found.length).toBeGreaterThan(0);
  return found;
}

function unquote(cell: string): string {
  return (/^`([^`]*)`$/.exec(cell)?.[1] ?? "").replaceAll("\\|", "|");
}

const variables = Object.fromEntries(rows("Variable", "Value"));

function resolve(text: string): { readonly text: unknown; readonly codes: readonly string[] } {
  const { definition, errors } = resolveDraft({
    jobs: { example: { environment: variables, steps: [{ script: [text] }] } },
  });
  return {
    text: definition.jobs.get("example")?.steps[0]?.script[0],
    codes: errors.map(({ code }) => code),
  };
}

describe("the reference page of variables and expressions", () => {
  it.each(rows("Write", "Get"))("tells what becomes of %s", (text, result) => {
    expect(resolve(text)).toEqual({ text: result, codes: [] });
  });

  it.each(rows("Mistake", "Error"))("tells what is wrong with %s", (text, code) => {
    expect(resolve(text).codes).toEqual([code]);
  });

  it.each(rows("Expression", "Result"))("tells the value of %s", (expression, result) => {
    expect(resolve(`\${{ ${expression} }}`)).toEqual({ text: result, codes: [] });
  });

  it.each(rows("Faulty expression", "Error"))("tells what is wrong with the expression %s", (expression, code) => {
    // Around quoted text that never ends the closing braces are part of the text, so a condition it is.
    const { errors } = resolveDraft({ jobs: { example: { environment: variables, condition: expression } } });
    expect(errors.map((error) => error.code)).toEqual([code]);
  });

  it.each(rows("Condition", "Outcome"))("tells the outcome of the condition %s", (condition, outcome) => {
    const { definition, errors } = resolveDraft({ jobs: { example: { environment: variables, condition } } });
    const context = {
      jobs: new Map(),
      runtime: {},
      secrets: {},
      environment: variables,
      parameters: {},
      system: {},
    };
    function decide(): string {
      try {
        return String(evaluateCondition(definition.jobs.get("example")?.condition ?? "", context));
      } catch (error) {
        return error instanceof WaybillError ? error.code : "not a coded error";
      }
    }
    expect(decide()).toBe(outcome);
    expect(errors.map((error) => error.code)).toEqual(outcome.startsWith("EXPRESSION_") ? [outcome] : []);
  });

  it("has an anchor for every error that points to it", () => {
    const anchors = new Set(
      [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => heading.toLowerCase().replaceAll(" ", "-")),
    );
    const wanted = Object.values(errorRegistry)
      .map(({ help }) => help.split("#"))
      .filter(([file]) => file === "variables-and-expressions.md")
      .map(([, anchor]) => anchor);
    expect(wanted.length).toBeGreaterThan(30);
    expect(wanted.filter((anchor) => !anchors.has(anchor ?? ""))).toEqual([]);
  });
});
