import { describe, expect, test } from "vitest";
import { createProgram } from "../program.ts";
import { complete, type ValueSource } from "./complete.ts";

const program = createProgram(async () => undefined);

const values: ValueSource = (placeholder) => {
  if (placeholder === "FILE" || placeholder === "PATH") return { candidates: [], files: true };
  if (placeholder === "NAME=VALUE") return undefined;
  return { candidates: [{ value: `${placeholder.toLowerCase()}-1`, description: "" }], files: false };
};

async function offered(line: string): Promise<{ readonly values: string[]; readonly files: boolean }> {
  const { candidates, files } = await complete(program, line.split(" "), values);
  return { values: candidates.map(({ value }) => value), files };
}

describe("completion", () => {
  test("offers commands, without those that are not for people", async () => {
    const { values: commands } = await offered("");
    expect(commands).toContain("run");
    expect(commands).toContain("help");
    expect(commands.filter((command) => command.startsWith("_"))).toEqual([]);
  });

  test.each([
    ["ru", ["run", "runs"], false],
    ["help gr", ["graph"], false],
    ["run --js", ["--json"], false],
    ["run --json --js", [], false],
    ["run --job a --job ", ["job-1"], false],
    ["run --job a --jo", ["--job"], false],
    ["run --job=", ["--job=job-1"], false],
    ["run --env-file ", [], true],
    ["run --env-file=x", [], true],
    ["run --var ", [], false],
    ["run ", [], true],
    ["run a.yaml ", [], false],
    ["lint a.yaml ", [], true],
    ["graph --format ", ["tree", "mermaid", "dot"], false],
    ["graph --format=m", ["--format=mermaid"], false],
    ["graph --format dot ", [], true],
    ["logs ", ["run-1"], false],
    ["logs 1 ", ["job-1"], false],
    ["logs 1 --step ", ["step-1"], false],
    ["logs 1 job ", [], false],
    ["explain ", ["code-1"], false],
    ["completion z", ["zsh"], false],
    ["nonsense ", [], false],
    ["run -- --js", [], true],
    ["--ver", ["--version"], false],
  ])("of `waybill %s` offers %j, files: %s", async (line, expected, files) => {
    const result = await offered(line);
    expect(result.values).toEqual(expected);
    expect(result.files).toBe(files);
  });
});
