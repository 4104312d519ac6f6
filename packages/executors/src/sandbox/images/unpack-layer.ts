import { WaybillError } from "@waybill/core";
import {
  chmodSync,
  closeSync,
  constants,
  futimesSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { posix } from "node:path";
import type { Entry } from "tar-stream";
import { removeTree } from "../../files/remove-tree.ts";
import { readArchive, type Budget } from "./archive.ts";

/** Of a layer, before the name of what it takes away from the layers below. */
const WHITEOUT = ".wh.";
/** Takes away all that the layers below have in the directory. */
const OPAQUE = ".wh..wh..opq";

const MAX_PATH_BYTES = 4_000;
const MAX_NAME_BYTES = 255;

export interface LayerSource {
  readonly path: string;
  /** For messages. */
  readonly file: string;
  readonly budget: Budget;
  readonly progress?: ((bytes: number) => void) | undefined;
}

/** What unpacking passed over. */
export interface Skipped {
  /** Devices, pipes and whatever else is no file, directory or link. */
  special: number;
}

/**
 * A root file system in the making: layers are put over each other. Nothing is written through a link, so nothing
 * leaves `root`: every directory on the way is looked at, and nobody else works here.
 *
 * Owners and extended attributes are not kept, nor are the bits by which a program gets other rights: a job has one user.
 */
export class RootFilesystem {
  readonly #root: string;
  /** Paths known to be real directories. */
  readonly #directories = new Set<string>();
  readonly skipped: Skipped = { special: 0 };

  /** @param root absolute, an empty directory nobody else may enter */
  constructor(root: string) {
    this.#root = root;
  }

  /**
   * @returns SHA-256 of the layer as it is without compression
   * @throws WaybillError `IMAGE_ARCHIVE_UNSAFE` and what `readArchive` throws
   */
  async addLayer(source: LayerSource, hasWhiteouts: boolean): Promise<string> {
    // First what goes, then what comes: in the archive the two are mixed, and a layer takes nothing from itself.
    if (hasWhiteouts) {
      await readArchive({
        ...source,
        progress: undefined,
        entry: (entry) => this.#remove(entry.header.name, source.file),
      });
    }
    return await readArchive({
      ...source,
      entry: async (entry) => {
        if (!hasWhiteouts || !posix.basename(entry.header.name).startsWith(WHITEOUT))
          await this.#add(entry, source.file);
      },
    });
  }

  async #remove(name: string, file: string): Promise<void> {
    const path = safePath(name, file);
    const base = posix.basename(path);
    if (!base.startsWith(WHITEOUT)) return;
    const parent = posix.dirname(path);
    if (!this.#isDirectory(parent)) return;
    if (base === OPAQUE) {
      for (const child of readdirSync(this.#absolute(parent))) await this.#clear(posix.join(parent, child));
      return;
    }
    const gone = base.slice(WHITEOUT.length);
    if (gone === "" || gone === "." || gone === ".." || gone.startsWith(WHITEOUT)) return;
    await this.#clear(posix.join(parent, gone));
  }

  async #add(entry: Entry, file: string): Promise<void> {
    const { name, type, mode, linkname } = entry.header;
    const path = safePath(name, file);
    if (path === ".") return;
    switch (type) {
      case "directory":
        return await this.#addDirectory(path, (mode ?? 0o755) & 0o1777, file);
      case "file":
      case "contiguous-file":
        return await this.#addFile(path, entry, file);
      case "symlink":
        if (linkname === null || linkname === undefined || linkname === "" || linkname.includes("\0")) {
          throw unsafe(file, name, "is a link to nowhere");
        }
        await this.#makeRoom(path, file);
        symlinkSync(linkname, this.#absolute(path));
        return;
      case "link":
        return await this.#addHardLink(path, safePath(linkname ?? "", file), name, file);
      default:
        this.skipped.special += 1;
    }
  }

  async #addDirectory(path: string, mode: number, file: string): Promise<void> {
    this.#makeParents(path, file);
    if (!this.#isDirectory(path)) {
      await this.#clear(path);
      mkdirSync(this.#absolute(path));
      this.#directories.add(path);
    }
    // We ourselves have to get in, for the layers to come and to remove it.
    chmodSync(this.#absolute(path), mode | 0o700);
  }

  async #addFile(path: string, entry: Entry, file: string): Promise<void> {
    await this.#makeRoom(path, file);
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    const descriptor = openSync(this.#absolute(path), flags, 0o600);
    try {
      for await (const chunk of entry as AsyncIterable<Buffer>) {
        for (let at = 0; at < chunk.length;) at += writeSync(descriptor, chunk, at);
      }
      const seconds = (entry.header.mtime?.getTime() ?? 0) / 1000;
      if (seconds > 0 && seconds < 2 ** 33) futimesSync(descriptor, seconds, seconds);
    } finally {
      closeSync(descriptor);
    }
    chmodSync(this.#absolute(path), ((entry.header.mode ?? 0o644) & 0o777) | 0o400);
  }

  async #addHardLink(path: string, target: string, name: string, file: string): Promise<void> {
    if (target === path) return;
    const isFile =
      this.#isDirectory(posix.dirname(target)) &&
      lstatSync(this.#absolute(target), { throwIfNoEntry: false })?.isFile() === true;
    if (!isFile) throw unsafe(file, name, "is a hard link to what is no file of the image");
    await this.#makeRoom(path, file);
    linkSync(this.#absolute(target), this.#absolute(path));
  }

  /** The directories above are there, and at `path` itself is nothing. */
  async #makeRoom(path: string, file: string): Promise<void> {
    this.#makeParents(path, file);
    await this.#clear(path);
  }

  #makeParents(path: string, file: string): void {
    const parent = posix.dirname(path);
    if (parent === "." || this.#directories.has(parent)) return;
    let current = "";
    for (const name of parent.split("/")) {
      current = current === "" ? name : `${current}/${name}`;
      if (this.#directories.has(current)) continue;
      const status = lstatSync(this.#absolute(current), { throwIfNoEntry: false });
      if (status === undefined) mkdirSync(this.#absolute(current), { mode: 0o755 });
      else if (!status.isDirectory()) throw unsafe(file, path, `is below "${current}", which is no directory`);
      this.#directories.add(current);
    }
  }

  /** Whether it is one, and every directory above it as well. */
  #isDirectory(path: string): boolean {
    if (path === ".") return true;
    if (this.#directories.has(path)) return true;
    let current = "";
    for (const name of path.split("/")) {
      current = current === "" ? name : `${current}/${name}`;
      if (this.#directories.has(current)) continue;
      if (lstatSync(this.#absolute(current), { throwIfNoEntry: false })?.isDirectory() !== true) return false;
      this.#directories.add(current);
    }
    return true;
  }

  async #clear(path: string): Promise<void> {
    const status = lstatSync(this.#absolute(path), { throwIfNoEntry: false });
    if (status === undefined) return;
    if (!status.isDirectory()) return unlinkSync(this.#absolute(path));
    await removeTree(this.#absolute(path));
    for (const known of this.#directories) {
      if (known === path || known.startsWith(`${path}/`)) this.#directories.delete(known);
    }
  }

  #absolute(path: string): string {
    return `${this.#root}/${path}`;
  }
}

/**
 * The path of an entry relative to the root, `.` for the root itself.
 *
 * @throws WaybillError `IMAGE_ARCHIVE_UNSAFE`
 */
function safePath(name: string, file: string): string {
  if (name.startsWith("/")) throw unsafe(file, name, "is an absolute path");
  if (name.includes("\0")) throw unsafe(file, name, "has a NUL character in its name");
  if (Buffer.byteLength(name) > MAX_PATH_BYTES) throw unsafe(file, name, "has a path that is too long");
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw unsafe(file, name, "leads out of the image");
  if (parts.some((part) => Buffer.byteLength(part) > MAX_NAME_BYTES))
    throw unsafe(file, name, "has a name that is too long");
  return parts.length === 0 ? "." : parts.join("/");
}

function unsafe(file: string, entry: string, detail: string): WaybillError {
  return new WaybillError("IMAGE_ARCHIVE_UNSAFE", { file, entry: entry.slice(0, 200), detail });
}
