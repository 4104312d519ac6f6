import { hasSystemCode, WaybillError } from "@waybill/core";
import { openRunStore, restoreDatabase } from "@waybill/database";
import { createReadStream, existsSync } from "node:fs";
import { mkdir, open, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createZstdDecompress } from "node:zlib";
import { extract, type Entry } from "tar-stream";
import * as z from "zod/mini";
import { dataPaths } from "../paths.ts";
import { BEGINNING, beginning, DATABASE, ENDING, ending, KEYS, treeFile } from "./backup-format.ts";
import type { BackupReport } from "./create-backup.ts";
import { cutLaterLines } from "./cut-later-lines.ts";

export interface RestoreRequest {
  /** Absolute, as the others. */
  readonly file: string;
  readonly data: string;
  readonly database: string;
  readonly artifacts: string;
}

/** The texts at the beginning and the end of an archive. */
const MAX_TEXT_BYTES = 64 * 1024;

/**
 * Puts back what `createBackup` wrote, into places that are empty. The database comes last, when all is known to be there:
 * where that fails, nothing of it stays.
 *
 * @throws WaybillError `BACKUP_*`, `STORE_*`
 */
export async function restoreBackup(request: RestoreRequest): Promise<BackupReport> {
  const { data, database, artifacts } = request;
  if (!existsSync(request.file)) throw new WaybillError("CLI_FILE_NOT_FOUND", { file: request.file });
  await checkEmpty(data);
  await checkEmpty(artifacts);
  if (!database.includes("://") && existsSync(database)) {
    throw new WaybillError("BACKUP_TARGET_IN_USE", { path: database });
  }
  await mkdir(data, { recursive: true, mode: 0o700 });
  const copy = join(data, "restored-database");
  try {
    const { kind, ...counts } = await unpack(request, copy);
    await restoreDatabase(kind, copy, database);
    await forgetWhatCameLater(database, dataPaths(data).logs);
    return { file: request.file, database: kind, ...counts };
  } catch (error) {
    for (const path of [dataPaths(data).logs, artifacts, join(data, KEYS)]) {
      await rm(path, { recursive: true, force: true });
    }
    throw error;
  } finally {
    await rm(copy, { force: true });
  }
}

async function forgetWhatCameLater(database: string, logs: string): Promise<void> {
  const store = await openRunStore(database);
  try {
    await cutLaterLines(store, logs);
  } finally {
    await store.close();
  }
}

async function checkEmpty(directory: string): Promise<void> {
  const names = await readdir(directory).catch((error: unknown) => {
    if (hasSystemCode(error, "ENOENT")) return [];
    throw error;
  });
  if (names.length > 0) throw new WaybillError("BACKUP_TARGET_IN_USE", { path: directory });
}

interface Unpacked {
  readonly kind: BackupReport["database"];
  readonly files: number;
  readonly bytes: number;
}

async function unpack(request: RestoreRequest, databaseCopy: string): Promise<Unpacked> {
  const entries = extract();
  let result: Unpacked | null = null;
  const reading = readEntries(request, databaseCopy, entries).then((unpacked) => (result = unpacked));
  try {
    await Promise.all([pipeline(createReadStream(request.file), createZstdDecompress(), entries), reading]);
  } catch (error) {
    entries.destroy();
    await reading.catch(() => undefined);
    if (error instanceof WaybillError) throw error;
    if (hasSystemCode(error, "ENOSPC") || hasSystemCode(error, "EACCES")) throw error;
    throw damaged(request.file, error instanceof Error ? error.message : String(error), error);
  }
  if (result === null) throw damaged(request.file, "it is empty");
  return result;
}

async function readEntries(
  { file, data, artifacts }: RestoreRequest,
  databaseCopy: string,
  entries: AsyncIterable<Entry>,
): Promise<Unpacked> {
  let kind: Unpacked["kind"] | null = null;
  let hasEnded = false;
  const counts = { files: 0, bytes: 0 };
  for await (const entry of entries) {
    const { name, type } = entry.header;
    if (type !== "file" || hasEnded || (kind === null) !== (name === BEGINNING)) {
      throw damaged(file, "it is no backup of Waybill");
    }
    if (name === BEGINNING) {
      kind = (await readJson(file, entry, beginning)).database;
    } else if (name === ENDING) {
      const expected = await readJson(file, entry, ending);
      if (expected.files !== counts.files || expected.bytes !== counts.bytes) throw damaged(file, "files are missing");
      hasEnded = true;
    } else {
      const place = placeOf(name, { data, artifacts, databaseCopy });
      if (place === null) throw damaged(file, "it has a file that is not part of a backup");
      counts.files += 1;
      counts.bytes += await writeFile(place, entry);
    }
  }
  if (kind === null || !hasEnded) throw damaged(file, "its end is missing");
  return { kind, ...counts };
}

function placeOf(
  name: string,
  to: { readonly data: string; readonly artifacts: string; readonly databaseCopy: string },
): string | null {
  if (name === DATABASE) return to.databaseCopy;
  if (name === KEYS) return join(to.data, KEYS);
  const found = treeFile(name);
  if (found === null) return null;
  return join(found.tree === "logs" ? dataPaths(to.data).logs : to.artifacts, ...found.path);
}

/** @returns its length */
async function writeFile(path: string, entry: Entry): Promise<number> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // Nothing is there, and nothing may be there twice.
  const output = await open(path, "wx", 0o600);
  try {
    let bytes = 0;
    for await (const chunk of entry as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      await output.writeFile(chunk);
    }
    const { mtime } = entry.header;
    // Clean-ups go by the age of files.
    if (mtime !== undefined && mtime !== null) await output.utimes(mtime, mtime);
    await output.sync();
    return bytes;
  } finally {
    await output.close();
  }
}

async function readJson<Value>(file: string, entry: Entry, schema: z.ZodMiniType<Value>): Promise<Value> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of entry as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_TEXT_BYTES) throw damaged(file, "a text in it is too long");
    chunks.push(chunk);
  }
  const parsed = z.safeParse(schema, JSON.parse(Buffer.concat(chunks).toString()));
  if (!parsed.success) throw damaged(file, "it is of a version that this program does not know");
  return parsed.data;
}

function damaged(file: string, problem: string, cause?: unknown): WaybillError {
  return new WaybillError("BACKUP_DAMAGED", { file, problem }, { cause });
}
