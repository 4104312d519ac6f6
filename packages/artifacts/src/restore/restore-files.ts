import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  rmSync,
  symlinkSync,
  writeSync,
} from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { dirname, join } from "node:path";
import { hasSystemCode } from "@waybill/core";
import { writeFully } from "../content/blocks.ts";
import { generateArtifactId } from "../content/hashes.ts";
import { inOrder } from "../content/in-order.ts";
import type { ArtifactStorageBackend } from "../content/storage-backend.ts";
import type { VerificationRecord } from "../content/verification.ts";
import type { Manifest, ManifestFile } from "../manifest/manifest.ts";
import { forEachParallel } from "../parallel.ts";
import { Slices } from "../slices.ts";

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** Files up to this size are verified in memory and then written; larger ones go to a temporary file first. */
const IN_MEMORY_BYTES = 1024 * 1024;

const ALONE_AT_ONCE = 4;
const PACKS_AT_ONCE = 2;

/** Content the manifest relies on cannot be had. */
export class ContentUnavailableError extends Error {
  readonly record: VerificationRecord;

  constructor(record: VerificationRecord) {
    super(record.error_details);
    this.record = record;
  }
}

/**
 * Puts the files of an artifact below `workspace`. What is in the way is replaced; a link in the way (the project may
 * have one, leading anywhere) is itself replaced, never followed: a name is only ever created where there was none, and
 * only for content that was verified.
 *
 * @throws ContentUnavailableError
 */
export async function restoreFiles(
  backend: ArtifactStorageBackend,
  manifest: Manifest,
  workspace: string,
  onBytes: (bytes: number) => void,
): Promise<void> {
  await new FileRestorer(backend, workspace, onBytes).restore(manifest);
}

class FileRestorer {
  readonly #backend: ArtifactStorageBackend;
  readonly #workspace: string;
  readonly #onBytes: (bytes: number) => void;
  readonly #slices = new Slices();
  /** Modes that new files do not get by themselves, because of the process's mask. */
  readonly #masked = new Map<number, boolean>();

  constructor(backend: ArtifactStorageBackend, workspace: string, onBytes: (bytes: number) => void) {
    this.#backend = backend;
    this.#workspace = workspace;
    this.#onBytes = onBytes;
  }

  async restore({ directories, files, links, packs }: Manifest): Promise<void> {
    for (const path of directories) {
      makeDirectory(join(this.#workspace, path));
      await this.#slices.pause();
    }
    for (const { path, target } of links) {
      const destination = join(this.#workspace, path);
      createOver(destination, () => symlinkSync(target, destination));
      await this.#slices.pause();
    }
    const packed = Map.groupBy(files, (file) => file.packed?.pack ?? -1);
    const alone = packed.get(-1) ?? [];
    packed.delete(-1);
    const unpacked = inOrder(entries(packed), PACKS_AT_ONCE, async ([index, members]) => {
      const { hash, size } = packs[index] as Manifest["packs"][number];
      return { members, content: await this.#contentOf(hash, size) };
    });
    for await (const { members, content } of unpacked) await this.#unpack(members, content);
    await forEachParallel(alone, (file) => this.#restoreAlone(file), ALONE_AT_ONCE);
  }

  async #unpack(members: readonly ManifestFile[], pack: Buffer): Promise<void> {
    for (const { path, executable, size, hash, packed } of members) {
      const offset = packed?.offset ?? 0;
      const content = pack.subarray(offset, offset + size);
      // The pack is what it was; that the manifest names the right part of it is to be seen here.
      if (generateArtifactId(content) !== hash) throw misplaced(hash, size);
      this.#write(path, executable, content);
      this.#onBytes(size);
      await this.#slices.pause();
    }
  }

  async #restoreAlone(file: ManifestFile): Promise<void> {
    if (file.size > IN_MEMORY_BYTES) return await this.#stream(file);
    this.#write(file.path, file.executable, await this.#contentOf(file.hash, file.size));
    this.#onBytes(file.size);
  }

  async #contentOf(hash: string, size: number): Promise<Buffer> {
    const { content, record } = await this.#backend.readAll(hash, size, size);
    if (content === null) throw new ContentUnavailableError(record);
    return content;
  }

  async #stream({ path, executable, size, hash }: ManifestFile): Promise<void> {
    const destination = join(this.#workspace, path);
    const temporary = join(dirname(destination), `.waybill-${randomBytes(8).toString("hex")}`);
    const file = await open(temporary, CREATE, modeOf(executable));
    try {
      let position = 0;
      const record = await this.#backend.read(
        hash,
        {
          begin: async () => {
            position = 0;
            await file.truncate(0);
          },
          write: async (piece) => {
            const at = position;
            position += piece.length;
            await writeFully(file, piece, at);
            this.#onBytes(piece.length);
          },
        },
        size,
      );
      if (record.verification_result !== "valid") throw new ContentUnavailableError(record);
      this.#fixMode(file.fd, modeOf(executable));
      await placeOver(temporary, destination);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw error;
    } finally {
      await file.close();
    }
  }

  #write(path: string, executable: boolean, content: Buffer): void {
    const destination = join(this.#workspace, path);
    const mode = modeOf(executable);
    createOver(destination, () => {
      const descriptor = openSync(destination, CREATE, mode);
      try {
        for (let written = 0; written < content.length;) written += writeSync(descriptor, content, written);
        this.#fixMode(descriptor, mode);
      } finally {
        closeSync(descriptor);
      }
    });
  }

  /** Asked once for each mode: two calls a file less. */
  #fixMode(descriptor: number, mode: number): void {
    let masked = this.#masked.get(mode);
    if (masked === undefined) {
      masked = (fstatSync(descriptor).mode & 0o7777) !== mode;
      this.#masked.set(mode, masked);
    }
    if (masked) fchmodSync(descriptor, mode);
  }
}

async function* entries<Key, Value>(map: ReadonlyMap<Key, Value>): AsyncGenerator<readonly [Key, Value]> {
  for (const entry of map) yield await Promise.resolve(entry);
}

function modeOf(executable: boolean): number {
  return executable ? 0o755 : 0o644;
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if (!hasSystemCode(error, "EEXIST")) throw error;
    if (lstatSync(path).isDirectory()) return;
    rmSync(path);
    mkdirSync(path);
  }
}

/** `create` must fail where there is something already; only then does it cost a second look. */
function createOver(path: string, create: () => void): void {
  try {
    create();
  } catch (error) {
    if (!hasSystemCode(error, "EEXIST")) throw error;
    rmSync(path, { recursive: true });
    create();
  }
}

/** A rename replaces files and links, but no directory. */
async function placeOver(temporary: string, destination: string): Promise<void> {
  try {
    await rename(temporary, destination);
  } catch (error) {
    if (!["EISDIR", "ENOTEMPTY", "EEXIST"].some((code) => hasSystemCode(error, code))) throw error;
    await rm(destination, { recursive: true });
    await rename(temporary, destination);
  }
}

function misplaced(hash: string, size: number): ContentUnavailableError {
  return new ContentUnavailableError({
    expected_hash: hash,
    calculated_hash: "",
    verification_time: "",
    verification_result: "failed",
    error_details: "the manifest names another part of a pack than this file's",
    retry_count: 0,
    file_size: size,
    chunk_size: 0,
  });
}
