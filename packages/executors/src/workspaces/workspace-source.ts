import { WaybillError } from "@waybill/core";
import { fromPath } from "../files/byte-path.ts";
import { systemErrorCode } from "../files/hostile-file.ts";
import { copyTree } from "./copy-tree.ts";
import { projectManifest } from "./project-manifest.ts";

/** Where the files of runs come from. */
export interface WorkspaceSource {
  /** Whether the files of a run are the same whenever they are asked for: those of a commit are. */
  readonly isRepeatable: boolean;
  /** Finds the files of the run. Nothing is made before: it could be a project that is gone. */
  find(runId: string): Promise<FoundFiles>;
}

export interface FoundFiles {
  /**
   * Puts the files into a directory that is there and empty.
   * @param directory absolute; what its name begins is the source's own while this goes on
   */
  fill(directory: string): Promise<void>;
}

/**
 * The files of a project as they are on disk at that moment, for every run.
 *
 * @param projectDirectory absolute
 * @param ownDirectory never copied; absolute, may be inside the project
 */
export function projectSource(projectDirectory: string, ownDirectory: string): WorkspaceSource {
  return {
    isRepeatable: false,
    async find() {
      const manifest = await readProject(projectDirectory, ownDirectory);
      return { fill: (directory) => copyTree(fromPath(projectDirectory), fromPath(directory), manifest, "skip") };
    },
  };
}

async function readProject(directory: string, ownDirectory: string): ReturnType<typeof projectManifest> {
  try {
    return await projectManifest(directory, ownDirectory);
  } catch (cause) {
    if (systemErrorCode(cause) === "") throw cause;
    throw new WaybillError("WORKSPACE_PROJECT_UNREADABLE", { directory, detail: (cause as Error).message }, { cause });
  }
}
