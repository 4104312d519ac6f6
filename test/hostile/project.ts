import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryDirectory } from "../support/temporary-directory.ts";

/** Lines of a job named `main` with one step that runs `script`. */
export function jobLines(script: string, fields: readonly string[] = []): string[] {
  return [
    "  main:",
    ...fields.map((field) => `    ${field}`),
    "    steps:",
    "      - name: step",
    `        script: [${JSON.stringify(script.replaceAll("${", "$$${"))}]`,
  ];
}

/** A project whose pipeline has one job of one step. */
export function projectRunning(script: string, fields: readonly string[] = []): Promise<string> {
  return projectOf(["name: hostile", "jobs:", ...jobLines(script, fields)].join("\n"));
}

/** A project with this text, or these bytes, as its pipeline file. */
export async function projectOf(pipeline: string | Uint8Array): Promise<string> {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, "waybill.yaml"), pipeline);
  return directory;
}
