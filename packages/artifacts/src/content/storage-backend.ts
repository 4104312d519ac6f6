import { randomInt } from "node:crypto";
import { constants } from "node:fs";
import { open, rename, rm, rmdir, stat, utimes, writeFile, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { hasSystemCode, WaybillError, type Clock } from "@waybill/core";
import {
  formatArtifactInfo,
  MAX_INFO_BYTES,
  parseArtifactInfo,
  type ArtifactInfo,
  type Compression,
} from "./artifact-info.ts";
import { readFully } from "./blocks.ts";
import { BLOCK_BYTES } from "./frames.ts";
import { isContentHash } from "./hashes.ts";
import { Hints } from "./hints.ts";
import { Layout, makeDirectories, syncDirectories } from "./layout.ts";
import { detectMimeType } from "./mime-type.ts";
import { StoredContent, type StoredSink } from "./stored-content.ts";
import { countBytes, listHashes, namesIn } from "./tree.ts";
import { Usage } from "./usage.ts";
import type { VerificationRecord } from "./verification.ts";
import { chooseCompression, digestOf, writeContent, type Digest, type RawSource } from "./write-content.ts";

export const DEFAULT_MAX_STORAGE_GB = 100;

const BYTES_PER_GB = 1024 ** 3;

/** From this part of the quota on, nothing new is taken until space is reclaimed. */
const CRITICAL = 0.98;

const NO_FOLLOW = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** A directory that was empty may be removed between its making and its first use; then it is made again. */
const PLACING_ATTEMPTS = 5;

export interface StorageOptions {
  readonly clock: Clock;
  /** Quota in gibibytes: content and metadata. */
  readonly maxStorageGb?: number;
  /** Told when content was found damaged and moved out of the way. */
  readonly onQuarantine?: (record: VerificationRecord) => Promise<void>;
}

export interface ContentDescription {
  readonly originalName: string;
  /** Detected from the content where it is not given. */
  readonly mimeType?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** One content of an upload. */
export interface StoredReference {
  readonly hash: string;
  readonly size: number;
  /** Bytes this upload added to the store; 0: it was there. */
  readonly addedBytes: number;
  /** Identifies this very placing, so that a roll-back takes nothing away that others have found meanwhile. */
  readonly placedAt: bigint | null;
}

export interface StorageStats {
  readonly total_bytes: number;
  readonly artifact_count: number;
  readonly quota_used_percent: number;
}

/** Contents by their hash, each with its metadata beside it. What a name leads to never changes. */
export class ArtifactStorageBackend {
  readonly layout: Layout;
  readonly maxBytes: number;
  readonly #clock: Clock;
  readonly #usage: Usage;
  readonly #contents: StoredContent;
  readonly #hints: Hints;

  constructor(directory: string, options: StorageOptions) {
    this.layout = new Layout(directory);
    this.maxBytes = (options.maxStorageGb ?? DEFAULT_MAX_STORAGE_GB) * BYTES_PER_GB;
    this.#clock = options.clock;
    this.#usage = new Usage(this.layout.usage, () => countBytes(this.layout));
    this.#hints = new Hints(this.layout);
    this.#contents = new StoredContent({
      layout: this.layout,
      clock: options.clock,
      infoOf: (hash) => this.#readInfo(hash),
      repairInfo: (hash, size, compression) => this.#repairInfo(hash, size, compression),
      onQuarantine: async (record, storedBytes) => {
        await this.#usage.add(-storedBytes);
        await options.onQuarantine?.(record);
      },
    });
  }

  /**
   * Stores content, unless it is there: then nothing is written. On disk on return but for the names of directories:
   * `sync` them before you rely on it.
   *
   * @param changed directories to be synced are added
   * @param onBytes called on the way, with bytes of the source that are done with
   * @returns null where the source changed while it was read
   * @throws WaybillError `ARTIFACT_QUOTA_EXCEEDED`
   */
  async store(
    source: RawSource,
    description: ContentDescription,
    changed: Set<string>,
    onBytes?: (bytes: number) => void,
  ): Promise<StoredReference | null> {
    const isLarge = source.size > BLOCK_BYTES;
    const firstBlock = isLarge ? await source.sample(0, BLOCK_BYTES) : null;
    let known: Digest | null = null;
    if (firstBlock === null || (await this.#hints.mayBeStored(source.size, firstBlock))) {
      known = await digestOf(source.blocks(), (bytes) => onBytes?.(bytes / 2));
      if (known.size !== source.size) return null;
      if (await this.#claim(known.hash)) {
        onBytes?.(known.size / 2);
        return { ...known, addedBytes: 0, placedAt: null };
      }
    }
    const part = known === null ? 1 : 1 / 2;
    const stored = await this.#write(source, known, description, changed, (bytes) => onBytes?.(bytes * part));
    if (stored !== null && firstBlock !== null) await this.#hints.remember(stored.size, firstBlock, stored.hash);
    return stored;
  }

  /** @param known what the content is; null: that is found out on the way */
  async #write(
    source: RawSource,
    known: Digest | null,
    description: ContentDescription,
    changed: Set<string>,
    onBytes: (bytes: number) => void,
  ): Promise<StoredReference | null> {
    const used = await this.checkQuota();
    const mimeType = description.mimeType ?? detectMimeType(await source.sample(0, 512));
    const compression = await chooseCompression(source);
    const temporary = await this.layout.makeTemporary("write");
    const allow = (bytes: number): void => this.#allow(used + bytes);
    const { hash, size, storedBytes } = await writeContent(temporary, source, compression, allow, onBytes);
    try {
      if (size !== source.size || (known !== null && hash !== known.hash)) return null;
      // Somebody else was first.
      if (await this.#claim(hash)) return { hash, size, addedBytes: 0, placedAt: null };
      const placedAt = await this.#place(temporary, hash, changed);
      const infoBytes = await this.#writeInfo(this.#newInfo(hash, size, compression, { ...description, mimeType }));
      changed.add(this.layout.infos);
      await this.#heal(hash);
      const addedBytes = storedBytes + infoBytes;
      await this.#usage.add(addedBytes);
      return { hash, size, addedBytes, placedAt };
    } finally {
      await rm(temporary, { force: true });
    }
  }

  async sync(changed: ReadonlySet<string>): Promise<void> {
    await syncDirectories(changed);
  }

  /** Undoes a `store`, unless somebody else has come to rely on what it stored. */
  async rollBack({ hash, placedAt }: StoredReference): Promise<void> {
    if (placedAt !== null) await this.#removeIf(hash, (mtime) => mtime === placedAt);
  }

  /** @throws WaybillError `ARTIFACT_QUOTA_EXCEEDED` at the critical level. @returns bytes in use */
  async checkQuota(): Promise<number> {
    const used = await this.#usage.total();
    this.#allow(used, CRITICAL);
    return used;
  }

  /** Without reading content. */
  async has(hash: string): Promise<boolean> {
    return isContentHash(hash) && (await sizeOnDisk(this.layout.contentOf(hash))) !== null;
  }

  /** Whether it was found damaged and is not healed yet. */
  async isQuarantined(hash: string): Promise<boolean> {
    return isContentHash(hash) && (await sizeOnDisk(this.layout.quarantineOf(hash))) !== null;
  }

  async quarantined(): Promise<readonly string[]> {
    return (await namesIn(this.layout.quarantine)).filter(isContentHash);
  }

  /** @returns null: there is no such content, or its metadata is lost (it is written anew when the content is read) */
  async info(hash: string): Promise<ArtifactInfo | null> {
    return isContentHash(hash) && (await this.has(hash)) ? await this.#readInfo(hash) : null;
  }

  /** Hands out the content, verified: the sink is told at the end whether it may keep what it got. */
  read(hash: string, sink: StoredSink, expectedSize?: number): Promise<VerificationRecord> {
    return this.#contents.read(hash, sink, expectedSize);
  }

  /** Content that fits into memory. @returns null: see the record */
  async readAll(
    hash: string,
    mostBytes: number,
    expectedSize?: number,
  ): Promise<{ readonly content: Buffer | null; readonly record: VerificationRecord }> {
    return await this.#contents.readAll(hash, mostBytes, expectedSize);
  }

  /** Forgets about large contents that are no more. */
  async sweepHints(): Promise<void> {
    await this.#hints.sweep((hash) => this.has(hash));
  }

  /** Reads all of it and compares; what is damaged goes to quarantine. */
  verify(hash: string): Promise<VerificationRecord> {
    return this.#contents.verify(hash);
  }

  /** A consumer took it: counts for retention, as verification does not. */
  async markAccessed(hash: string): Promise<void> {
    const info = await this.#readInfo(hash);
    if (info === null) return;
    await this.#writeInfo({ ...info, last_accessed: this.#now() });
  }

  /** Hashes of all contents, in no particular order. */
  list(): AsyncIterable<string> {
    return listHashes(this.layout);
  }

  /** When somebody last stored it or found it stored, in milliseconds since the epoch; null: it is not there. */
  async claimedAt(hash: string): Promise<number | null> {
    try {
      return Math.floor((await stat(this.layout.contentOf(hash))).mtimeMs);
    } catch (error) {
      if (hasSystemCode(error, "ENOENT")) return null;
      throw error;
    }
  }

  /** What content and metadata take on disk; null: it is not there. */
  async storedBytes(hash: string): Promise<number | null> {
    const content = await sizeOnDisk(this.layout.contentOf(hash));
    return content === null ? null : content + ((await sizeOnDisk(this.layout.infoOf(hash))) ?? 0);
  }

  /**
   * Removes content, unless somebody stored it or found it stored after `claimedBefore`: an upload under way relies on
   * what it found. The caller has made sure that nothing else does.
   *
   * @returns bytes reclaimed; null: it was not there, or somebody relies on it
   */
  async remove(hash: string, claimedBefore: number): Promise<number | null> {
    return await this.#removeIf(hash, (mtimeNs) => Number(mtimeNs / 1_000_000n) < claimedBefore);
  }

  /** Counts files, so that what crashes left out of the running total is put right. */
  async stats(): Promise<StorageStats> {
    let count = 0;
    for await (const _ of this.list()) count += 1;
    const total = await this.#usage.reset();
    return { total_bytes: total, artifact_count: count, quota_used_percent: (total / this.maxBytes) * 100 };
  }

  #allow(bytes: number, part = 1): void {
    if (bytes < this.maxBytes * part) return;
    throw new WaybillError("ARTIFACT_QUOTA_EXCEEDED", {
      used: ((bytes / this.maxBytes) * 100).toFixed(1),
      limit: String(this.maxBytes / BYTES_PER_GB),
    });
  }

  /**
   * Marks content that is there as relied upon, as of now. The fraction of a millisecond is random: two marks of the
   * same instant can be told apart.
   */
  async #claim(hash: string): Promise<boolean> {
    const path = this.layout.contentOf(hash);
    try {
      await this.#mark(path);
    } catch (error) {
      if (hasSystemCode(error, "ENOENT")) return false;
      throw error;
    }
    return await this.#contents.looksWhole(hash);
  }

  async #mark(path: string): Promise<void> {
    const seconds = (this.#clock.now() + randomInt(1, 999) / 1000) / 1000;
    await utimes(path, seconds, seconds);
  }

  /** First wins: where the content has come meanwhile, the rename puts the same bytes in place of the same bytes. */
  async #place(temporary: string, hash: string, changed: Set<string>): Promise<bigint> {
    const path = this.layout.contentOf(hash);
    for (let attempt = 1; ; attempt += 1) {
      for (const directory of await makeDirectories(dirname(path))) changed.add(directory);
      await this.#mark(temporary);
      const { mtimeNs } = await stat(temporary, { bigint: true });
      try {
        await rename(temporary, path);
        changed.add(dirname(path));
        return mtimeNs;
      } catch (error) {
        if (!hasSystemCode(error, "ENOENT") || attempt === PLACING_ATTEMPTS) throw error;
      }
    }
  }

  #newInfo(hash: string, size: number, compression: Compression, about: ContentDescription): ArtifactInfo {
    const now = this.#now();
    return {
      content_hash: hash,
      original_name: about.originalName,
      size_bytes: size,
      mime_type: about.mimeType ?? "application/octet-stream",
      created_at: now,
      last_accessed: now,
      reference_count: 0,
      compression,
      metadata: about.metadata ?? {},
    };
  }

  /** @returns its size on disk */
  async #writeInfo(info: ArtifactInfo): Promise<number> {
    const text = formatArtifactInfo(info);
    await makeDirectories(this.layout.infos);
    const temporary = await this.layout.makeTemporary("info");
    try {
      await writeFile(temporary, text, { mode: 0o600, flag: "wx", flush: true });
      await rename(temporary, this.layout.infoOf(info.content_hash));
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw error;
    }
    return Buffer.byteLength(text);
  }

  async #readInfo(hash: string): Promise<ArtifactInfo | null> {
    let file: FileHandle;
    try {
      file = await open(this.layout.infoOf(hash), NO_FOLLOW);
    } catch (error) {
      if (hasSystemCode(error, "ENOENT") || hasSystemCode(error, "ELOOP")) return null;
      throw error;
    }
    try {
      const text = await readFully(file, Buffer.alloc(MAX_INFO_BYTES), 0);
      return text.length === MAX_INFO_BYTES ? null : parseArtifactInfo(text.toString("utf8"), hash);
    } finally {
      await file.close();
    }
  }

  /** The content is what its name says, its metadata is gone or wrong: that can be told again, but for the names. */
  async #repairInfo(hash: string, size: number, compression: Compression): Promise<void> {
    await this.#writeInfo(this.#newInfo(hash, size, compression, { originalName: "" }));
  }

  /** The same content is here again, whole: what was kept of the damaged one has told its story. */
  async #heal(hash: string): Promise<void> {
    const path = this.layout.quarantineOf(hash);
    await rm(path, { force: true });
    await rm(`${path}.json`, { force: true });
  }

  /**
   * Takes the content out of the tree first and looks then, so that nobody can come to rely on it in between: who marks
   * it before is seen, who comes after finds nothing and stores it anew.
   */
  async #removeIf(hash: string, mayGo: (mtimeNs: bigint) => boolean): Promise<number | null> {
    const path = this.layout.contentOf(hash);
    const before = await mtimeOf(path);
    if (before === null || !mayGo(before)) return null;
    const removed = await this.layout.makeTemporary(`removed-${hash}`);
    try {
      await rename(path, removed);
    } catch (error) {
      if (hasSystemCode(error, "ENOENT")) return null;
      throw error;
    }
    const { mtimeNs, size } = await stat(removed, { bigint: true });
    if (!mayGo(mtimeNs)) {
      await rename(removed, path);
      return null;
    }
    await rm(removed);
    const infoBytes = await sizeOnDisk(this.layout.infoOf(hash));
    await rm(this.layout.infoOf(hash), { force: true });
    await removeEmpty(dirname(path), this.layout.contents);
    const bytes = Number(size) + (infoBytes ?? 0);
    await this.#usage.add(-bytes);
    return bytes;
  }

  #now(): string {
    return new Date(this.#clock.now()).toISOString();
  }
}

async function sizeOnDisk(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (hasSystemCode(error, "ENOENT")) return null;
    throw error;
  }
}

async function mtimeOf(path: string): Promise<bigint | null> {
  try {
    return (await stat(path, { bigint: true })).mtimeNs;
  } catch (error) {
    if (hasSystemCode(error, "ENOENT")) return null;
    throw error;
  }
}

async function removeEmpty(directory: string, root: string): Promise<void> {
  for (let path = directory; path !== root && path.startsWith(join(root, "/")); path = dirname(path)) {
    try {
      await rmdir(path);
    } catch {
      // Something else is in it, or it is gone.
      return;
    }
  }
}
