import { WaybillError } from "@waybill/core";
import type { Workspaces } from "@waybill/engine";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync } from "node:fs";
import { join, relative } from "node:path";
import { fromPath } from "../files/byte-path.ts";
import { systemErrorCode } from "../files/hostile-file.ts";
import { removeTree } from "../files/remove-tree.ts";
import { copyTree } from "./copy-tree.ts";
import { walkTree, type Manifest } from "./manifest.ts";
import { projectSource, type WorkspaceSource } from "./workspace-source.ts";

export interface WorkspacesOptions {
  /** Where snapshots and workspaces are kept; absolute, made when first needed. */
  readonly directory: string;
  /** What jobs work on: a project's directory (absolute), or what gives each run its files. */
  readonly source: string | WorkspaceSource;
}

/**
 * Workspaces as plain directories, `DIRECTORY/RUN/snapshot` and `DIRECTORY/RUN/JOB-ATTEMPT`. Nothing but the file
 * system is needed to go on with a run after a restart.
 */
export function openWorkspaces(options: WorkspacesOptions): Workspaces {
  return new DirectoryWorkspaces(options);
}

class DirectoryWorkspaces implements Workspaces {
  readonly #directory: string;
  readonly #source: WorkspaceSource;
  /** Snapshots that are being made. */
  readonly #unfinished = new Map<string, Promise<void>>();
  /** What the snapshot of a run holds, read once. */
  readonly #manifests = new Map<string, Promise<Manifest>>();

  constructor(options: WorkspacesOptions) {
    this.#directory = options.directory;
    this.#source =
      typeof options.source === "string" ? projectSource(options.source, options.directory) : options.source;
  }

  async snapshot(runId: string): Promise<void> {
    const known = this.#unfinished.get(runId);
    if (known !== undefined) return await known;
    const target = this.#snapshotPath(runId);
    if (existsSync(target)) return;
    const made = this.#makeSnapshot(runId, target).finally(() => this.#unfinished.delete(runId));
    this.#unfinished.set(runId, made);
    await made;
  }

  async #makeSnapshot(runId: string, target: string): Promise<void> {
    const files = await this.#source.find(runId);
    // Under another name until it is whole, so that a crash leaves no half snapshot behind that looks like one.
    const unfinished = `${target}.new`;
    await this.#fill(unfinished, () => files.fill(unfinished));
    renameSync(unfinished, target);
  }

  async create(runId: string, jobName: string, attempt: number): Promise<string> {
    const snapshot = this.#snapshotPath(runId);
    // The directory may be lost with a machine, on which another one takes the run up.
    if (this.#source.isRepeatable) await this.snapshot(runId);
    const workspace = this.locate(runId, jobName, attempt);
    const manifest = await this.#manifestOf(runId, snapshot);
    await this.#fill(workspace, async (target) => {
      try {
        await copyTree(fromPath(snapshot), target, manifest, "fail");
      } catch (cause) {
        // A job that ran without some of its files could succeed for the wrong reason.
        if (systemErrorCode(cause) !== "ENOENT") throw cause;
        throw new WaybillError("WORKSPACE_SNAPSHOT_MISSING", { run: runId }, { cause });
      }
    });
    return workspace;
  }

  locate(runId: string, jobName: string, attempt: number): string {
    return join(this.#runPath(runId), `${directoryName(jobName)}-${attempt}`);
  }

  async remove(workspace: string): Promise<void> {
    const path = relative(this.#directory, workspace);
    if (!/^[^/]+\/[^/]+$/.test(path) || path.startsWith("../") || path.endsWith("/..")) {
      throw new WaybillError("INTERNAL", { detail: `"${workspace}" is no workspace below "${this.#directory}".` });
    }
    await removeTree(workspace);
  }

  async removeRun(runId: string): Promise<void> {
    this.#manifests.delete(runId);
    await removeTree(this.#runPath(runId));
  }

  #runPath(runId: string): string {
    return join(this.#directory, directoryName(runId));
  }

  #snapshotPath(runId: string): string {
    return join(this.#runPath(runId), "snapshot");
  }

  async #manifestOf(runId: string, snapshot: string): Promise<Manifest> {
    let manifest = this.#manifests.get(runId);
    if (manifest === undefined) {
      // Read from the copy, not kept from the project: after a restart it is the only way, so it is the only one.
      manifest = Promise.resolve().then(() => walkTree(fromPath(snapshot), () => false));
      this.#manifests.set(runId, manifest);
    }
    try {
      return await manifest;
    } catch (cause) {
      this.#manifests.delete(runId);
      throw new WaybillError("WORKSPACE_SNAPSHOT_MISSING", { run: runId }, { cause });
    }
  }

  /** Makes `target` anew with what `copy` puts there. */
  async #fill(target: string, copy: (target: string) => Promise<void>): Promise<void> {
    try {
      await makeEmpty(target);
      await copy(fromPath(target));
    } catch (cause) {
      if (systemErrorCode(cause) === "") throw cause;
      const detail = (cause as Error).message;
      throw new WaybillError("WORKSPACE_UNUSABLE", { directory: target, detail }, { cause });
    }
  }
}

async function makeEmpty(path: string): Promise<void> {
  try {
    mkdirSync(path, { mode: 0o700 });
    return;
  } catch (error) {
    const code = systemErrorCode(error);
    if (code !== "EEXIST" && code !== "ENOENT") throw error;
  }
  await removeTree(path);
  mkdirSync(path, { recursive: true, mode: 0o700 });
}

/** One path component, different for different names (also where case does not count), readable where it can be. */
function directoryName(name: string): string {
  if (/^[a-z0-9_-][a-z0-9._-]{0,99}$/.test(name)) return name;
  const readable = name.replaceAll(/[^A-Za-z0-9_-]+/g, "_").slice(0, 40);
  return `${readable}.${createHash("sha256").update(name).digest("hex").slice(0, 16)}`;
}
