import { WaybillError } from "@waybill/core";
import { openRunStore, type SqlRunStore } from "@waybill/database";
import type { RunRecord, RunStore } from "@waybill/engine";
import { existsSync } from "node:fs";
import type { ProjectPaths } from "./project.ts";

/** The runs of a project; null: there never was one. Looking must not make a database. */
export async function openRuns(paths: ProjectPaths): Promise<SqlRunStore | null> {
  return existsSync(paths.database) ? await openRunStore(paths.database) : null;
}

/**
 * A run by number, id, the beginning of an id, or `latest`.
 *
 * @throws WaybillError `CLI_RUN_NOT_FOUND`
 */
export async function findRun(store: RunStore | null, reference: string): Promise<RunRecord> {
  const found =
    reference === "latest" ? ((await store?.list(1))?.[0] ?? null) : ((await store?.find(reference)) ?? null);
  if (found === null) throw new WaybillError("CLI_RUN_NOT_FOUND", { run: reference });
  return found;
}
