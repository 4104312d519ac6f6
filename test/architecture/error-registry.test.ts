import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { errorRegistry } from "@waybill/core";
import { describe, expect, test } from "vitest";
import { repositoryRoot } from "../support/repository.ts";

const catalogueDirectory = join(repositoryRoot, "packages/core/src/errors/catalogue");

/** Every code of every area, also of an area that the registry forgot. */
const catalogued = readdirSync(catalogueDirectory)
  .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
  .flatMap((name) => [
    ...readFileSync(join(catalogueDirectory, name), "utf8").matchAll(/^ {4}([A-Z][A-Z0-9_]*): \{$/gm),
  ])
  .map((match) => match[1] ?? "");

describe("error registry", () => {
  test("has the codes of all areas, each defined once", () => {
    expect(catalogued.toSorted()).toEqual(Object.keys(errorRegistry).toSorted());
  });

  test.each(Object.entries(errorRegistry))("%s is complete", (code, definition) => {
    expect(code).toMatch(/^[A-Z]+(?:_[A-Z0-9]+)*$/);
    expect(definition.title).not.toBe("");
    expect(definition.title).not.toMatch(/[{}]/);
    expect(definition.message).not.toBe("");
    expect(definition.remedy).not.toBe("");
    expect(definition.help).toMatch(/^[\w-]+\.md#[\w-]+$/);
  });

  test("has every code that script/setup can print, and no other of its area", () => {
    const script = readFileSync(join(repositoryRoot, "script/setup"), "utf8");
    const printed = new Set([...script.matchAll(/\bfail (SETUP_\w+)/g)].map((match) => match[1]));
    expect(printed).toEqual(new Set(Object.keys(errorRegistry).filter((code) => code.startsWith("SETUP_"))));
  });
});
