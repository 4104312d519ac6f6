import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync } from "node:fs";
import { open, readlink, type FileHandle } from "node:fs/promises";
import { join, sep } from "node:path";
import { hasSystemCode, WaybillError } from "@waybill/core";

/**
 * A process that the job left behind may still change the workspace. So each file is opened without following a link,
 * what was opened is looked at (an ordinary file? still below the workspace?), and that very file is read: through its
 * descriptor, not by its name again.
 */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

const CHANGED = "it changed while it was being saved";

export interface FileFacts {
  readonly size: number;
  readonly executable: boolean;
}

/** Ordinary files below a workspace, for one artifact. */
export class WorkspaceFiles {
  readonly #root: string;
  readonly #artifact: string;

  /** @param root the workspace's real path */
  constructor(root: string, artifact: string) {
    this.#root = root;
    this.#artifact = artifact;
  }

  /**
   * Reads a small file into `buffer`, at once.
   *
   * @returns the content too; null in its place: the file has more than `mostBytes`
   * @throws WaybillError `ARTIFACT_UNSAFE`
   */
  readSmall(path: string, mostBytes: number): FileFacts & { readonly content: Buffer | null } {
    const descriptor = this.#opened(path, () => openSync(join(this.#root, path), OPEN_FLAGS));
    try {
      const stats = fstatSync(descriptor);
      const opened = isLinux() ? readlinkSync(descriptorPath(descriptor)) : join(this.#root, path);
      this.#check(path, stats.isFile(), opened);
      const facts = { size: stats.size, executable: (stats.mode & 0o100) !== 0 };
      if (stats.size > mostBytes) return { ...facts, content: null };
      // One more than there should be: a file that grows is noticed.
      const content = Buffer.allocUnsafe(stats.size + 1);
      let filled = 0;
      for (let read = -1; read !== 0 && filled < content.length; filled += read) {
        read = readSync(descriptor, content, filled, content.length - filled, filled);
      }
      if (filled !== stats.size) throw this.changed(path);
      return { ...facts, content: content.subarray(0, filled) };
    } finally {
      closeSync(descriptor);
    }
  }

  /** To be closed by the caller. @throws WaybillError `ARTIFACT_UNSAFE` */
  async open(path: string): Promise<{ readonly file: FileHandle; readonly size: number }> {
    let file: FileHandle;
    try {
      file = await open(join(this.#root, path), OPEN_FLAGS);
    } catch (error) {
      throw this.#openingError(path, error);
    }
    try {
      const stats = await file.stat();
      const opened = isLinux() ? await readlink(descriptorPath(file.fd)) : join(this.#root, path);
      this.#check(path, stats.isFile(), opened);
      return { file, size: stats.size };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  changed(path: string, cause?: unknown): WaybillError {
    return new WaybillError("ARTIFACT_UNSAFE", { artifact: this.#artifact, path, detail: CHANGED }, { cause });
  }

  #opened(path: string, opening: () => number): number {
    try {
      return opening();
    } catch (error) {
      throw this.#openingError(path, error);
    }
  }

  #openingError(path: string, error: unknown): unknown {
    if (!["ELOOP", "ENOENT", "ENOTDIR", "ENXIO"].some((code) => hasSystemCode(error, code))) return error;
    // The name as text has a replacement character where its bytes are none, so it leads nowhere.
    if (!path.includes("\ufffd")) return this.changed(path, error);
    const detail = "its name is not valid UTF-8";
    return new WaybillError("ARTIFACT_UNSAFE", { artifact: this.#artifact, path, detail }, { cause: error });
  }

  #check(path: string, isFile: boolean, opened: string): void {
    if (!isFile || !opened.startsWith(this.#root + sep)) throw this.changed(path);
  }
}

function isLinux(): boolean {
  return process.platform === "linux";
}

/** On Linux this name leads to the open file itself. */
function descriptorPath(descriptor: number): string {
  return `/proc/self/fd/${descriptor}`;
}
