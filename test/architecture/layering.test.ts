import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { projectFiles, repositoryRoot } from "../support/repository.ts";
import { importsOf } from "./imports.ts";
import { ALLOWED_PACKAGES, layeringProblems } from "./layering.ts";

describe("layering", () => {
  test("the checkout keeps to it", () => {
    const files = projectFiles()
      .filter((path) => /^(packages|apps)\/.*\.tsx?$/.test(path))
      .map((path) => ({ path, text: readFileSync(join(repositoryRoot, path), "utf8") }));
    expect(files.length).toBeGreaterThan(20);
    expect(layeringProblems(files)).toEqual([]);
  });

  test("the table has no cycle", () => {
    function reachable(name: string): string[] {
      return (ALLOWED_PACKAGES[name] ?? []).flatMap((next) => [next, ...reachable(next)]);
    }
    for (const name of Object.keys(ALLOWED_PACKAGES)) expect(reachable(name)).not.toContain(name);
  });

  test.each([
    [
      "a package imports an app",
      "packages/engine/src/a.ts",
      "../../../apps/cli/src/main.ts",
      /leaves packages\/engine/,
    ],
    ["a lower package imports a higher one", "packages/core/src/a.ts", "@waybill/engine", /core may not import engine/],
    ["a package imports the inside of another", "packages/engine/src/a.ts", "@waybill/core/src/x.ts", /itself, not/],
    ["an app imports the inside of a package", "apps/cli/src/a.ts", "@waybill/core/src/x.ts", /itself, not/],
    ["production code imports test helpers", "packages/engine/src/a.ts", "@waybill/core/testing", /itself, not/],
    ["an app imports another app", "apps/cli/src/a.ts", "../../server/src/main.ts", /leaves apps\/cli/],
    ["a domain package imports a database", "packages/engine/src/a.ts", "node:sqlite", /declare a port/],
    ["a domain package imports a framework's part", "packages/slip/src/a.ts", "@fastify/cors", /declare a port/],
    ["a domain package imports a Docker client", "packages/engine/src/a.ts", "dockerode", /declare a port/],
    ["a package imports plain zod", "packages/pipeline/src/a.ts", "zod", /zod\/mini/],
    ["a package is missing from the table", "packages/new/src/a.ts", "@waybill/core", /not in the table/],
  ])("is broken when %s", (_case, path, specifier, problem) => {
    const [found, ...more] = layeringProblems([{ path, text: `// a\nimport { x } from "${specifier}";\n` }]);
    expect(found).toMatch(problem);
    expect(found).toContain(`${path}:2:`);
    expect(more).toEqual([]);
  });

  test.each([
    ["packages/engine/src/a.ts", "@waybill/core"],
    ["packages/engine/src/a.test.ts", "@waybill/core/testing"],
    ["packages/database/src/a.ts", "node:sqlite"],
    ["packages/pipeline/src/b/a.ts", "../model/defaults.ts"],
    ["packages/database/src/testing/a.ts", "@waybill/engine/testing/sample-run"],
    ["apps/cli/src/a.ts", "@waybill/database"],
    ["apps/cli/src/a.ts", "../../../schema/waybill.schema.json"],
  ])("lets %s import %s", (path, specifier) => {
    expect(layeringProblems([{ path, text: `import { x } from "${specifier}";` }])).toEqual([]);
  });
});

describe("importsOf", () => {
  test.each([
    ["import", `import { a, type B } from "x";`],
    ["an import over several lines", `import {\n  a,\n  b,\n} from "x";`],
    ["an import of types", `import type { A } from "x";`],
    ["an import of all", `import * as z from "x";`],
    ["an import for its effects", `import "x";`],
    ["a re-export", `export * from "x";`],
    ["a dynamic import", `const a = await import("x");`],
    ["the type of an import", `type A = import("x").A;`],
  ])("finds %s", (_form, text) => {
    expect(importsOf(text).map(({ specifier }) => specifier)).toEqual(["x"]);
  });

  test("finds no import in what merely looks like one", () => {
    expect(importsOf(`const text = 'from "x"';\nexport const y = "z";\n// import "x"`)).toEqual([]);
  });
});
