import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { repositoryRoot } from "../support/repository.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

/** One file for each rule, which breaks that rule. */
const BROKEN: Readonly<Record<string, readonly [path: string, text: string]>> = {
  "typescript(no-floating-promises)": ["packages/a/src/floating.ts", "Promise.resolve(1);"],
  "typescript(no-explicit-any)": ["packages/a/src/any.ts", "export const x: any = 1;"],
  "import(no-default-export)": ["packages/a/src/default-export.ts", "export default 1;"],
  "import(no-cycle)": [
    "packages/a/src/cycle.ts",
    'import { b } from "./cycle-back.ts";\nexport const a: unknown = () => b;',
  ],
  "unicorn(filename-case)": ["packages/a/src/camelCase.ts", "export const x = 1;"],
  "typescript(explicit-module-boundary-types)": ["packages/a/src/types.ts", "export function f() {\n  return 1;\n}"],
  "eslint(no-restricted-imports)": [
    "packages/a/src/shell.ts",
    'import { execSync } from "node:child_process";\nexport const x: unknown = execSync;',
  ],
  "typescript(switch-exhaustiveness-check)": [
    "packages/a/src/switch.ts",
    'export function f(x: "a" | "b"): number {\n  switch (x) {\n    case "a":\n      return 1;\n  }\n  return 2;\n}',
  ],
  "vitest(no-focused-tests)": [
    "packages/a/src/focused.test.ts",
    'import { test } from "vitest";\ntest.only("x", () => {});',
  ],
  "vitest(no-disabled-tests)": [
    "packages/a/src/disabled.test.ts",
    'import { test } from "vitest";\ntest.skip("x", () => {});',
  ],
};

const OTHER_FILES: Readonly<Record<string, string>> = {
  "packages/a/src/cycle-back.ts": 'import { a } from "./cycle.ts";\nexport const b: unknown = () => a;',
  "packages/a/src/plain-zod.ts": 'import * as z from "zod";\nexport const x: unknown = z;',
  "packages/a/src/good.ts": "export function f(): number {\n  return 1;\n}",
};

const reportSchema = z.object({
  diagnostics: z.array(z.object({ code: z.optional(z.string()), filename: z.string() })),
});

/** Lints a small project with this repository's configuration: `rule in file` for every finding. */
async function lintFixture(): Promise<string[]> {
  const directory = await temporaryDirectory();
  for (const name of [".oxlintrc.json", "tsconfig.json"]) cpSync(join(repositoryRoot, name), join(directory, name));
  symlinkSync(join(repositoryRoot, "node_modules"), join(directory, "node_modules"));
  const files = [...Object.values(BROKEN), ...Object.entries(OTHER_FILES)];
  for (const [path, text] of files) {
    mkdirSync(join(directory, dirname(path)), { recursive: true });
    writeFileSync(join(directory, path), `${text}\n`);
  }
  // Named one by one, as script/lint does: the temporary directory may lie where Git ignores everything.
  const paths = files.map(([path]) => path);
  const { stdout } = spawnSync(
    process.execPath,
    [join(repositoryRoot, "node_modules/oxlint/bin/oxlint"), "--type-aware", "--format=json", ...paths],
    { cwd: directory, encoding: "utf8" },
  );
  return reportSchema.parse(JSON.parse(stdout)).diagnostics.map(({ code, filename }) => `${code} in ${filename}`);
}

describe("lint rules", () => {
  test("each one finds the file that breaks it", async () => {
    const findings = await lintFixture();
    const expected = Object.entries(BROKEN).map(([rule, [path]]) => `${rule} in ${path}`);
    expect(findings).toEqual(expect.arrayContaining(expected));
    expect(findings).toContain("eslint(no-restricted-imports) in packages/a/src/plain-zod.ts");
    expect(findings.filter((finding) => finding.includes("good.ts"))).toEqual([]);
  });
});
