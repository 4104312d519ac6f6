import { fileError, hasSystemCode, WaybillError, type Clock } from "@waybill/core";
import { openDatabaseBackup } from "@waybill/database";
import { existsSync } from "node:fs";
import { once } from "node:events";
import { link, open, readdir, rm, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { constants, createZstdCompress } from "node:zlib";
import { pack, type Headers, type Pack } from "tar-stream";
import { dataPaths } from "../paths.ts";
import { BEGINNING, DATABASE, ENDING, KEYS, type Tree } from "./backup-format.ts";

export interface BackupRequest {
  /** Absolute. */
  readonly file: string;
  readonly data: string;
  readonly database: string;
  readonly artifacts: string;
  /** The keys that secrets are encrypted with: whoever has the backup can read them then. */
  readonly withKeys: boolean;
  readonly clock: Clock;
}

export interface BackupReport {
  readonly file: string;
  readonly database: "sqlite" | "postgres";
  readonly files: number;
  /** Before they were compressed. */
  readonly bytes: number;
}

/** What is on its way in or out is part of nothing yet. */
const TEMPORARY = "temporary";

/**
 * Writes database, logs and artifacts of a server into one file, while it runs. The database comes first, and what it
 * refers to behind it: files of logs only grow, contents of artifacts never change, and none is cleaned up meanwhile. So
 * there may be more in a backup than its database knows of, and never less.
 *
 * @throws WaybillError `BACKUP_*`, `STORE_*`
 */
export async function createBackup(request: BackupRequest): Promise<BackupReport> {
  const { file } = request;
  if (existsSync(file)) throw new WaybillError("BACKUP_FILE_EXISTS", { file });
  const partial = `${file}.partial-${process.pid}`;
  const copy = `${partial}.database`;
  const database = await openDatabaseBackup(request.database);
  try {
    await database.write(copy);
    const report = await writeArchive(request, partial, copy, database.kind);
    // Unlike a rename, a link replaces nothing that has appeared meanwhile.
    await link(partial, file);
    return report;
  } catch (error) {
    if (hasSystemCode(error, "EEXIST")) throw new WaybillError("BACKUP_FILE_EXISTS", { file }, { cause: error });
    throw fileError(error, file);
  } finally {
    await database.close();
    for (const path of [partial, copy, `${copy}-journal`]) await rm(path, { force: true });
  }
}

async function writeArchive(
  { file, data, artifacts, withKeys, clock }: BackupRequest,
  partial: string,
  databaseCopy: string,
  kind: BackupReport["database"],
): Promise<BackupReport> {
  const output = await open(partial, "wx", 0o600);
  try {
    const archive = new Archive();
    const params = { [constants.ZSTD_c_checksumFlag]: 1 };
    const compressed = createZstdCompress({ params });
    const written = Promise.all([pipeline(archive.pack, compressed), writeAll(compressed, output)]);
    const filled = fill(archive).catch((error: unknown) => {
      archive.pack.destroy(error instanceof Error ? error : new Error(String(error)));
      throw error;
    });
    // The first error is the one to tell; the other is of what it broke.
    await Promise.all([filled, written]);
    await output.sync();
    return { file, database: kind, files: archive.files, bytes: archive.bytes };
  } finally {
    await output.close();
  }

  async function fill(archive: Archive): Promise<void> {
    const about = { format: 1, created_at: new Date(clock.now()).toISOString(), database: kind };
    await archive.text(BEGINNING, JSON.stringify(about));
    await archive.file(DATABASE, databaseCopy);
    await addTree(archive, "logs", dataPaths(data).logs);
    await addTree(archive, "artifacts", artifacts);
    if (withKeys) await archive.file(KEYS, join(data, KEYS));
    const { files, bytes } = archive;
    await archive.text(ENDING, JSON.stringify({ files, bytes }));
    archive.pack.finalize();
  }
}

/** In the order of names: the index of a log comes before the log, so it speaks of nothing that is not there. */
async function addTree(archive: Archive, name: Tree | `${Tree}/${string}`, directory: string): Promise<void> {
  for (const entry of await entriesOf(directory)) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) {
      if (name !== "artifacts" || entry.name !== TEMPORARY) await addTree(archive, `${name}/${entry.name}`, path);
    } else if (entry.isFile()) {
      await archive.file(`${name}/${entry.name}`, path);
    }
  }
}

async function entriesOf(
  directory: string,
): Promise<readonly { name: string; isFile(): boolean; isDirectory(): boolean }[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    // There are no logs before the first run.
    if (hasSystemCode(error, "ENOENT")) return [];
    throw error;
  }
}

class Archive {
  readonly pack: Pack = pack();
  files = 0;
  bytes = 0;

  async text(name: string, text: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.pack.entry({ name, mode: 0o600 }, text, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** As long as it is now, though it may grow meanwhile. What has gone since it was listed is left out. */
  async file(name: string, path: string): Promise<void> {
    let source: FileHandle;
    try {
      source = await open(path, "r");
    } catch (error) {
      if (hasSystemCode(error, "ENOENT") && name !== KEYS) return;
      throw error;
    }
    try {
      const { size, mtime } = await source.stat();
      await this.#entry(
        { name, size, mtime, mode: 0o600 },
        size === 0 ? [] : source.createReadStream({ start: 0, end: size - 1, autoClose: false }),
      );
      this.files += 1;
      this.bytes += size;
    } finally {
      await source.close();
    }
  }
  async #entry(header: Headers, content: Iterable<Buffer> | AsyncIterable<Buffer>): Promise<void> {
    const done = Promise.withResolvers<void>();
    const entry = this.pack.entry(header, (error) => (error ? done.reject(error) : done.resolve()));
    for await (const chunk of content) {
      // Where the archive is destroyed meanwhile, there is nobody to drain it: `done` says so.
      if (!entry.write(chunk)) await Promise.race([once(entry, "drain"), done.promise]);
    }
    entry.end();
    await done.promise;
  }
}

async function writeAll(chunks: AsyncIterable<Buffer>, output: FileHandle): Promise<void> {
  for await (const chunk of chunks) await output.writeFile(chunk);
}
