import { WaybillError } from "@waybill/core";
import type { RunRecord } from "@waybill/engine";
import type { Pipeline, Project } from "@waybill/projects";
import type { Services } from "../services.ts";

/** Each finds one thing by its id. @throws WaybillError `API_NOT_FOUND` */

export async function projectOf({ records }: Services, id: string): Promise<Project> {
  return found(await records.projects.find(id), "project", id);
}

export async function pipelineOf({ records }: Services, id: string): Promise<Pipeline> {
  return found(await records.pipelines.find(id), "pipeline", id);
}

export async function runOf({ store }: Services, id: string): Promise<RunRecord> {
  return found(await store.find(id), "run", id);
}

export function found<Value>(value: Value | null, kind: string, id: string): Value {
  if (value === null) throw new WaybillError("API_NOT_FOUND", { kind, id });
  return value;
}
