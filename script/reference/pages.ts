import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { cliReference } from "./cli-reference.ts";
import { apiDocument } from "../../apps/server/src/index.ts";
import { eventReference } from "./event-reference.ts";
import { errorReference } from "./error-reference.ts";
import { logProblems } from "./log-problems.ts";
import { serverReference } from "./server-reference.ts";

export interface ReferencePage {
  /** Absolute path. */
  readonly file: string;
  /** As it is to be committed, formatted like every other file. */
  readonly text: string;
}

/** The pages of `docs/reference/` that are made from code. */
export async function referencePages(): Promise<readonly ReferencePage[]> {
  const directory = join(import.meta.dirname, "../../docs/reference");
  return Promise.all([
    page(join(directory, "cli.md"), await cliReference()),
    page(join(directory, "errors.md"), errorReference()),
    page(join(directory, "events.md"), eventReference()),
    page(join(directory, "server.md"), serverReference()),
    page(join(directory, "log-problems.md"), logProblems()),
    page(join(directory, "openapi.json"), JSON.stringify(apiDocument())),
  ]);
}

async function page(file: string, text: string): Promise<ReferencePage> {
  return { file, text: await format(text, { ...(await resolveConfig(file)), filepath: file }) };
}
