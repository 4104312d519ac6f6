import { lstatSync, readdirSync, type Stats } from "node:fs";
import { toPath } from "../files/byte-path.ts";
import { systemErrorCode } from "../files/hostile-file.ts";

/** The content of a directory tree. Paths are relative, `/` between names, byte strings (`byte-path.ts`). */
export interface Manifest {
  /** Parents before their children. */
  readonly directories: readonly { readonly path: string; readonly mode: number }[];
  readonly files: readonly { readonly path: string; readonly sizeBytes: number }[];
  readonly links: readonly string[];
}

/** Collects a manifest from what the file system says, name by name. Sockets, FIFOs and devices are left out. */
export class ManifestBuilder implements Manifest {
  readonly directories: { path: string; mode: number }[] = [];
  readonly files: { path: string; sizeBytes: number }[] = [];
  readonly links: string[] = [];
  readonly #root: string;
  /** Whether a path is a real directory, as far as that was asked. */
  readonly #known = new Map<string, boolean>();

  /** @param root absolute, byte string */
  constructor(root: string) {
    this.#root = root;
  }

  /**
   * Adds a file, a link or an empty directory with the directories above it. What does not exist, and what is only
   * reached through a link, is passed over: Git lists names of its index whatever has become of them on disk.
   *
   * @returns "directory" where it is one, null otherwise
   */
  add(path: string): "directory" | null {
    const parentEnd = path.lastIndexOf("/");
    if (parentEnd >= 0 && !this.addDirectory(path.slice(0, parentEnd))) return null;
    const status = this.#status(path);
    if (status === null) return null;
    if (status.isDirectory()) return "directory";
    if (status.isFile()) this.files.push({ path, sizeBytes: status.size });
    else if (status.isSymbolicLink()) this.links.push(path);
    return null;
  }

  /** Adds a directory with those above it; false: it is not one, or a link leads to it. */
  addDirectory(path: string): boolean {
    const known = this.#known.get(path);
    if (known !== undefined) return known;
    const parentEnd = path.lastIndexOf("/");
    let isReal = parentEnd < 0 || this.addDirectory(path.slice(0, parentEnd));
    if (isReal) {
      const status = this.#status(path);
      isReal = status !== null && status.isDirectory();
      if (isReal && status !== null) this.directories.push({ path, mode: status.mode & 0o777 });
    }
    this.#known.set(path, isReal);
    return isReal;
  }

  #status(path: string): Stats | null {
    try {
      return lstatSync(toPath(`${this.#root}/${path}`), { throwIfNoEntry: false }) ?? null;
    } catch (error) {
      if (systemErrorCode(error) === "ENOTDIR") return null;
      throw error;
    }
  }
}

/**
 * Everything below `root`.
 *
 * @param root absolute, byte string
 * @param isExcluded asked with the relative path of every entry; an excluded directory is not entered
 */
export function walkTree(root: string, isExcluded: (path: string, name: string) => boolean): Manifest {
  const builder = new ManifestBuilder(root);
  const pending = [""];
  for (let prefix = pending.pop(); prefix !== undefined; prefix = pending.pop()) {
    for (const name of readdirSync(toPath(`${root}/${prefix}`), { encoding: "latin1" })) {
      const path = prefix + name;
      if (isExcluded(path, name) || builder.add(path) !== "directory") continue;
      if (builder.addDirectory(path)) pending.push(`${path}/`);
    }
  }
  return builder;
}
