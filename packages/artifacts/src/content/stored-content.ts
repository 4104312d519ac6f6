import { constants } from "node:fs";
import { mkdir, open, rename, rm, stat, writeFile, type FileHandle } from "node:fs/promises";
import { createHash } from "node:crypto";
import { hasSystemCode, type Clock } from "@waybill/core";
import type { ArtifactInfo, Compression } from "./artifact-info.ts";
import { DamagedContentError, looksCompressed, storedBlocks } from "./blocks.ts";
import { BLOCK_BYTES } from "./frames.ts";
import { isContentHash } from "./hashes.ts";
import type { Layout } from "./layout.ts";
import { nextVerification, type VerificationRecord, type VerificationResult } from "./verification.ts";

const NO_FOLLOW = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Damaged content is read once more before it is given up. More attempts would only read the same blocks of the same
 * local disk again.
 */
const MAX_RETRIES = 1;

/** Where content goes while it is verified. It must not be used before `read` has said that it is valid. */
export interface StoredSink {
  /** Nothing has been written yet, or what was written is to be forgotten. */
  begin(): void | Promise<void>;
  /** The piece is its own until the returned promise resolves. */
  write(piece: Buffer): void | Promise<void>;
}

export interface StoredContentOptions {
  readonly layout: Layout;
  readonly clock: Clock;
  readonly infoOf: (hash: string) => Promise<ArtifactInfo | null>;
  readonly repairInfo: (hash: string, size: number, compression: Compression) => Promise<void>;
  /** @param storedBytes what the damaged file took */
  readonly onQuarantine: (record: VerificationRecord, storedBytes: number) => Promise<void>;
}

interface Attempt {
  readonly hash: string;
  readonly size: number;
  /** Empty: the content is what its name says. */
  readonly problem: string;
}

/** Contents as they lie on disk: every one that is read is verified on the way. */
export class StoredContent {
  readonly #options: StoredContentOptions;

  constructor(options: StoredContentOptions) {
    this.#options = options;
  }

  async verify(hash: string): Promise<VerificationRecord> {
    return await this.read(hash, { begin: () => undefined, write: () => undefined });
  }

  async readAll(
    hash: string,
    mostBytes: number,
    expectedSize?: number,
  ): Promise<{ readonly content: Buffer | null; readonly record: VerificationRecord }> {
    let pieces: Buffer[] = [];
    let size = 0;
    const record = await this.read(
      hash,
      {
        begin: () => {
          pieces = [];
          size = 0;
        },
        write: (piece) => {
          size += piece.length;
          if (size > mostBytes) throw new DamagedContentError(`it has more than ${mostBytes} bytes`);
          // The piece is read into again.
          pieces.push(Buffer.from(piece));
        },
      },
      expectedSize,
    );
    const [only] = pieces;
    const content = pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces);
    return { content: record.verification_result === "valid" ? content : null, record };
  }

  /** Cheap signs that the content is whole. What is not is moved out of the way. */
  async looksWhole(hash: string): Promise<boolean> {
    const info = await this.#options.infoOf(hash);
    if (info?.compression === "zstd") return true;
    const size = await this.#sizeOf(hash);
    if (size === null) return false;
    if (info !== null && size === info.size_bytes) return true;
    return (await this.verify(hash)).verification_result === "valid";
  }

  async read(hash: string, sink: StoredSink, expectedSize?: number): Promise<VerificationRecord> {
    let state: VerificationResult = "pending";
    let retries = 0;
    let last: Attempt = { hash: "", size: 0, problem: "" };
    const advance = (event: Parameters<typeof nextVerification>[1]): void => {
      state = nextVerification(state, event) ?? state;
    };
    advance("start");
    for (;;) {
      const attempt = await this.#attempt(hash, sink, expectedSize, retries > 0);
      if ("event" in attempt) {
        advance(attempt.event);
        return this.#record(hash, state, retries, { ...last, problem: attempt.detail }, expectedSize);
      }
      last = attempt;
      if (attempt.problem === "") {
        advance("hash_matches");
        return this.#record(hash, state, retries, last, expectedSize);
      }
      advance("mismatch");
      if (retries === MAX_RETRIES) break;
      retries += 1;
      advance("retry");
    }
    const record = this.#record(hash, state, retries, last, expectedSize);
    await this.#quarantine(hash, record);
    return record;
  }

  async #attempt(
    hash: string,
    sink: StoredSink,
    expectedSize: number | undefined,
    isRetry: boolean,
  ): Promise<Attempt | { readonly event: "file_missing" | "read_failed" | "mismatch"; readonly detail: string }> {
    if (!isContentHash(hash)) return { event: "file_missing", detail: "it is no content hash" };
    let file: FileHandle;
    try {
      file = await open(this.#options.layout.contentOf(hash), NO_FOLLOW);
    } catch (error) {
      if (hasSystemCode(error, "ENOENT")) {
        return (await this.#isQuarantined(hash))
          ? { event: "mismatch", detail: "it was found damaged and is in quarantine" }
          : { event: "file_missing", detail: "it is not in the store" };
      }
      if (hasSystemCode(error, "ELOOP")) return { hash: "", size: 0, problem: "a link lies where the content was" };
      return { event: "read_failed", detail: error instanceof Error ? error.message : String(error) };
    }
    try {
      if (!(await file.stat()).isFile()) return { hash: "", size: 0, problem: "it is no ordinary file" };
      const info = await this.#options.infoOf(hash);
      // Metadata that was changed must not make good content unreadable: the second time the content itself is asked.
      const isTrusted = info !== null && !isRetry;
      const compression = isTrusted ? info.compression : (await looksCompressed(file)) ? "zstd" : "none";
      const expected = expectedSize ?? (isTrusted ? info.size_bytes : undefined);
      const attempt = await transfer(file, compression, hash, expected, sink);
      if (attempt.problem === "" && !isTrusted) await this.#options.repairInfo(hash, attempt.size, compression);
      return attempt;
    } catch (error) {
      if (!hasSystemCode(error, "EIO")) throw error;
      return { event: "read_failed", detail: (error as Error).message };
    } finally {
      await file.close();
    }
  }

  async #sizeOf(hash: string): Promise<number | null> {
    try {
      return (await stat(this.#options.layout.contentOf(hash))).size;
    } catch (error) {
      if (hasSystemCode(error, "ENOENT")) return null;
      throw error;
    }
  }

  async #isQuarantined(hash: string): Promise<boolean> {
    try {
      await stat(this.#options.layout.quarantineOf(hash));
      return true;
    } catch (error) {
      if (hasSystemCode(error, "ENOENT")) return false;
      throw error;
    }
  }

  /** Out of the addressable tree: nobody reads it by its name any more, and the same content can be stored anew. */
  async #quarantine(hash: string, record: VerificationRecord): Promise<void> {
    const { layout } = this.#options;
    const path = layout.contentOf(hash);
    const storedBytes = await stat(path).then(
      ({ size }) => size,
      () => 0,
    );
    await mkdir(layout.quarantine, { recursive: true, mode: 0o700 });
    try {
      await rename(path, layout.quarantineOf(hash));
    } catch (error) {
      // Somebody else has moved it.
      if (hasSystemCode(error, "ENOENT")) return;
      throw error;
    }
    await writeFile(`${layout.quarantineOf(hash)}.json`, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
    await rm(layout.infoOf(hash), { force: true });
    await this.#options.onQuarantine(record, storedBytes);
  }

  #record(
    hash: string,
    result: VerificationResult,
    retries: number,
    last: Attempt,
    expectedSize: number | undefined,
  ): VerificationRecord {
    return {
      expected_hash: hash,
      calculated_hash: last.hash,
      verification_time: new Date(this.#options.clock.now()).toISOString(),
      verification_result: result,
      error_details: last.problem,
      retry_count: retries,
      file_size: expectedSize ?? last.size,
      chunk_size: BLOCK_BYTES,
    };
  }
}

/** Hashes the content on its way into the sink. Errors of the sink are its own and pass through. */
async function transfer(
  file: FileHandle,
  compression: Compression,
  hash: string,
  expectedSize: number | undefined,
  sink: StoredSink,
): Promise<Attempt> {
  const sum = createHash("sha256");
  let size = 0;
  let writing: void | Promise<void> = undefined;
  await sink.begin();
  try {
    for await (const piece of storedBlocks(file, compression)) {
      size += piece.length;
      if (expectedSize !== undefined && size > expectedSize) {
        return { hash: "", size, problem: `it has more than its ${expectedSize} bytes` };
      }
      sum.update(piece);
      await writing;
      writing = sink.write(piece);
      // It is waited for before the next one, or below.
      writing?.catch(() => undefined);
    }
    await writing;
  } catch (error) {
    if (!(error instanceof DamagedContentError)) throw error;
    return { hash: "", size, problem: error.message };
  } finally {
    await Promise.allSettled([writing]);
  }
  const found = sum.digest("hex");
  if (expectedSize !== undefined && size !== expectedSize) {
    return { hash: found, size, problem: `it has ${size} bytes instead of ${expectedSize}` };
  }
  return { hash: found, size, problem: found === hash ? "" : "its hash is another" };
}
