import { WaybillError } from "@waybill/core";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { reasonOf } from "./read-bounded.ts";

/** Where a project keeps its runs: everything is below `.waybill` beside the pipeline file. */
export interface ProjectPaths {
  readonly project: string;
  readonly directory: string;
  readonly database: string;
  readonly logs: string;
  readonly artifacts: string;
  readonly workspaces: string;
  /** Running executions of processes. */
  readonly executions: string;
  readonly containers: string;
  readonly sandboxes: string;
  /** Root file systems for sandboxes. */
  readonly images: string;
  /** How long artifacts are kept; a file that people may write. */
  readonly retention: string;
}

export function projectPaths(project: string): ProjectPaths {
  const directory = join(project, ".waybill");
  return {
    project,
    directory,
    database: join(directory, "waybill.db"),
    logs: join(directory, "logs"),
    artifacts: join(directory, "artifacts"),
    workspaces: join(directory, "workspaces"),
    executions: join(directory, "executions"),
    containers: join(directory, "containers"),
    sandboxes: join(directory, "sandboxes"),
    images: join(directory, "images"),
    retention: join(project, "waybill-retention.yaml"),
  };
}

/**
 * Refuses the root of the file system as a project: a run would copy the whole machine into itself.
 * Makes the `.waybill` directory, readable by its owner only (logs and workspaces may hold secrets), and keeps it out
 * of version control.
 *
 * @throws WaybillError `CLI_FILE_UNWRITABLE`, `CLI_PROJECT_IS_ROOT`
 */
export async function prepareProject(project: string): Promise<ProjectPaths> {
  if (dirname(project) === project) throw new WaybillError("CLI_PROJECT_IS_ROOT", {});
  const paths = projectPaths(project);
  try {
    await mkdir(paths.directory, { recursive: true, mode: 0o700 });
    await writeFile(join(paths.directory, ".gitignore"), "*\n", { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
      throw new WaybillError(
        "CLI_FILE_UNWRITABLE",
        { file: paths.directory, reason: reasonOf(error) },
        { cause: error },
      );
    }
  }
  return paths;
}
