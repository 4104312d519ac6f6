import { parsePipeline } from "@waybill/pipeline";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { temporaryProject } from "../testing/temporary-project.ts";
import { detectProject } from "./detect-project.ts";
import { renderStarter } from "./render-starter.ts";

/** The jobs of what `init` writes for these files: name -> command lines. What does not lint clean fails the test. */
async function starterFor(files: Readonly<Record<string, string>>): Promise<Record<string, readonly string[]>> {
  const text = renderStarter("project", await detectProject(await temporaryProject(files)));
  const { definition, errors, warnings } = parsePipeline(text, { now: 0 });
  expect([...errors, ...warnings]).toEqual([]);
  return Object.fromEntries(
    [...(definition?.jobs.values() ?? [])].map((job) => [
      job.name,
      job.steps.flatMap((step) => step.script.map((line) => (typeof line === "string" ? line : line.deferred))),
    ]),
  );
}

const packageJson = JSON.stringify({
  scripts: { test: "node --test", lint: "eslint .", build: "tsc", start: "node dist", prepublish: "x" },
});

describe("a first pipeline", () => {
  test("for npm installs what is locked and runs the scripts that check", async () => {
    expect(await starterFor({ "package.json": packageJson, "package-lock.json": "{}" })).toEqual({
      node: ["npm ci", "npm run lint", "npm run build", "npm run test"],
    });
  });

  test.each([
    ["pnpm-lock.yaml", "pnpm install --frozen-lockfile"],
    ["bun.lock", "bun install --frozen-lockfile"],
    ["yarn.lock", "yarn install --frozen-lockfile"],
  ])("uses the package manager of %s", async (lockFile, install) => {
    const { node } = await starterFor({ "package.json": "{}", [lockFile]: "" });
    expect(node).toEqual([install]);
  });

  test("spells yarn's flag as the project's version does", async () => {
    const files = { "package.json": '{"packageManager":"yarn@4.1.0"}', "yarn.lock": "" };
    expect((await starterFor(files))["node"]).toEqual(["yarn install --immutable"]);
  });

  test("does not freeze what is not locked", async () => {
    expect((await starterFor({ "package.json": "{}" }))["node"]).toEqual(["npm install"]);
    expect((await starterFor({ "package.json": '{"packageManager":"pnpm@9.0.0"}' }))["node"]).toEqual(["pnpm install"]);
  });

  test("leaves out the test script that npm init writes", async () => {
    const scripts = { test: 'echo "Error: no test specified" && exit 1' };
    expect((await starterFor({ "package.json": JSON.stringify({ scripts }) }))["node"]).toEqual(["npm install"]);
  });

  test.each([
    ["go.mod", "go", "go test ./..."],
    ["Cargo.toml", "rust", "cargo test"],
    ["pom.xml", "maven", "mvn --batch-mode verify"],
    ["build.gradle.kts", "gradle", "gradle --no-daemon build"],
    ["requirements.txt", "python", ".venv/bin/python -m unittest"],
    ["Dockerfile", "image", "docker build ."],
  ])("knows %s", async (file, job, command) => {
    expect((await starterFor({ [file]: "" }))[job]).toContain(command);
  });

  test("prefers a project's own wrapper and tools", async () => {
    expect(await starterFor({ "pom.xml": "", mvnw: "" })).toEqual({ maven: ["sh ./mvnw --batch-mode verify"] });
    expect(await starterFor({ "pyproject.toml": "", "uv.lock": "" })).toEqual({
      python: ["uv sync --locked", "uv run pytest"],
    });
    expect((await starterFor({ "requirements.txt": "pytest==8\n" }))["python"]).toContain(".venv/bin/pytest");
  });

  test("asks a Makefile only where nothing else tells how to build", async () => {
    const Makefile = "CC := gcc\nall: x\n\ttrue\ntest: all\n\ttrue\ninstall:\n\tx\n.PHONY: test\n";
    expect(await starterFor({ Makefile })).toEqual({ make: ["make all", "make test"] });
    expect(Object.keys(await starterFor({ Makefile, "go.mod": "" }))).toEqual(["go"]);
    expect(await starterFor({ Makefile: "x = 1\n" })).toEqual({ make: ["make"] });
  });

  test("has a job for each toolchain, and packs after all of them", async () => {
    const directory = await temporaryProject({ "go.mod": "", "package.json": "{}", Dockerfile: "" });
    const { jobs } = await detectProject(directory);
    expect(jobs.map(({ name, dependsOn }) => [name, dependsOn])).toEqual([
      ["node", []],
      ["go", []],
      ["image", ["node", "go"]],
    ]);
  });

  test("looks one directory deeper where there is nothing at the top", async () => {
    const files = {
      "api/go.mod": "",
      "web app/package.json": "{}",
      "node_modules/x/package.json": "{}",
      ".git/go.mod": "",
    };
    const directory = await temporaryProject(files);
    const { jobs } = await detectProject(directory);
    expect(jobs.map(({ name, directory: place }) => [name, place])).toEqual([
      ["api-go", "api"],
      ["web-app-node", "web app"],
    ]);
    expect(Object.keys(await starterFor(files))).toEqual(["api-go", "web-app-node"]);
  });

  test("says that a workspace of packages could be several jobs", async () => {
    const directory = await temporaryProject({ "package.json": '{"workspaces":["packages/*"]}' });
    expect((await detectProject(directory)).hints).toEqual([expect.stringContaining("workspace")]);
  });

  test.each(["not json", "[]", "null", '{"scripts":[1]}', '{"scripts":{"test":{}},"packageManager":7}'])(
    "is not led astray by package.json holding %s",
    async (text) => {
      const jobs = await starterFor({ "package.json": text });
      expect(Object.values(jobs).flat().length).toBeGreaterThan(0);
    },
  );

  test("lints clean whatever the project and its directories are called", () => {
    const name = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("true", "1.0", "${X}", "${{ x }}", "a: b", "- a", "\n#", " \n", "\u008d", "\ufeff"),
    );
    fc.assert(
      fc.property(name, name, (project, directory) => {
        const detection = { because: "go.mod", steps: [{ name: "test", script: ["go test ./..."] }] };
        const jobs = [{ name: "go", detection, directory, dependsOn: [] }];
        const { errors } = parsePipeline(renderStarter(project, { jobs, hints: [] }), { now: 0 });
        expect(errors.map(({ path }) => path)).toEqual(project.trim() === "" ? ["name"] : []);
      }),
    );
  });
});
