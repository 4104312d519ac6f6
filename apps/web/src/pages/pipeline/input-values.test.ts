import { expect, test } from "vitest";
import type { PipelineInput } from "../../api/generated/operations.ts";
import { initialText, problemsOf, triggerCommand, valuesOf } from "./input-values.ts";

function input(name: string, type: PipelineInput["type"], more: Partial<PipelineInput> = {}): PipelineInput {
  return { name, type, description: "", required: false, default: null, options: [], ...more };
}

const INPUTS = [
  input("version", "string", { required: true }),
  input("replicas", "number", { default: 2 }),
  input("dry", "boolean"),
  input("stage", "choice", { options: ["staging", "production"], default: "staging" }),
];

test("fields begin with the defaults", () => {
  expect(INPUTS.map(initialText)).toEqual(["", "2", "false", "staging"]);
});

test("what is missing or of another type is said of its field", () => {
  expect(problemsOf(INPUTS, { version: "", replicas: "two", dry: "false", stage: "moon" })).toEqual({
    version: "It needs a value.",
    replicas: "It is a number.",
    stage: "Choose one of them.",
  });
  expect(problemsOf(INPUTS, { version: "1", replicas: "", dry: "true", stage: "staging" })).toEqual({});
});

test("values have their types, and empty ones are left to their defaults", () => {
  const texts = { version: "1.0", replicas: "3", dry: "true", stage: "" };
  expect(valuesOf(INPUTS, texts)).toEqual({ version: "1.0", replicas: 3, dry: true });
});

test("the command says what differs from the defaults, quoted for a shell", () => {
  expect(triggerCommand("shop/deploy", "", INPUTS, { version: "it's 1", replicas: "2", dry: "false" })).toBe(
    `waybill trigger shop/deploy --input 'version=it'\\''s 1'`,
  );
  expect(triggerCommand("a b", "release/2", [], {})).toBe("waybill trigger 'a b' --ref release/2");
});
