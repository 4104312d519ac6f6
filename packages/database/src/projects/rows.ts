import type { Pipeline, Project, Repository } from "@waybill/projects";
import * as z from "zod/mini";
import { RowParser } from "../row-parser.ts";

const projectRow = z.object({ id: z.string(), name: z.string(), created_at: z.int(), updated_at: z.int() });

const repositoryRow = z.object({
  id: z.string(),
  project_id: z.string(),
  url: z.string(),
  default_branch: z.string(),
  created_at: z.int(),
});

const pipelineRow = z.object({
  id: z.string(),
  project_id: z.string(),
  repository_id: z.string(),
  name: z.string(),
  config_path: z.string(),
  created_at: z.int(),
});

export const PROJECT_COLUMNS = ["id", "name", "created_at", "updated_at"] as const;
export const REPOSITORY_COLUMNS = ["id", "project_id", "url", "default_branch", "created_at"] as const;
export const PIPELINE_COLUMNS = ["id", "project_id", "repository_id", "name", "config_path", "created_at"] as const;

export class ProjectRowReader extends RowParser {
  project(row: unknown): Project {
    const { created_at, updated_at, ...rest } = this.parse(projectRow, row);
    return { ...rest, createdAt: created_at, updatedAt: updated_at };
  }

  repository(row: unknown): Repository {
    const { project_id, default_branch, created_at, ...rest } = this.parse(repositoryRow, row);
    return { ...rest, projectId: project_id, defaultBranch: default_branch, createdAt: created_at };
  }

  pipeline(row: unknown): Pipeline {
    const { project_id, repository_id, config_path, created_at, ...rest } = this.parse(pipelineRow, row);
    return {
      ...rest,
      projectId: project_id,
      repositoryId: repository_id,
      configPath: config_path,
      createdAt: created_at,
    };
  }
}
