import { randomBytes } from "node:crypto";
import { link, mkdir, open, rename, rm, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { hasSystemCode, WaybillError } from "@waybill/core";
import { newKeyText, parseKeyRing, type KeyRing } from "./key-ring.ts";

const KEY_FILE = "secrets.key";

/** No ring of keys is larger. */
const MAX_FILE_BYTES = 64 * 1024;

export interface KeyRingPlace {
  /** Text of `WAYBILL_SECRETS_KEY`. */
  readonly text?: string | undefined;
  /** Path of `WAYBILL_SECRETS_KEY_FILE`. */
  readonly file?: string | undefined;
  /** Where the key file is made at the first start, where neither is given. */
  readonly dataDirectory: string;
}

/**
 * Reads the keys that secrets are encrypted with, from the environment, the file it names, or `secrets.key` in the data
 * directory, which is made where there is none. Of servers that start there at once, all get the same key.
 *
 * @throws WaybillError `SECRETS_KEY_INVALID`
 */
export async function loadKeyRing(place: KeyRingPlace): Promise<KeyRing> {
  const { text = "", file = "", dataDirectory } = place;
  if (text !== "") return parseKeyRing(text, "WAYBILL_SECRETS_KEY");
  // What mounts secrets as files decides about their modes.
  if (file !== "") return parseKeyRing(await readKeyFile(file, false), file);
  const path = keyFilePath(dataDirectory);
  await makeKeyFile(path);
  return parseKeyRing(await readKeyFile(path, true), path);
}

export function keyFilePath(dataDirectory: string): string {
  return join(dataDirectory, KEY_FILE);
}

/**
 * Puts a new key before those of the file, which go on decrypting. Secrets are to be encrypted anew after it, and then
 * `dropOldKeys` forgets the others.
 */
export async function addKey(path: string): Promise<KeyRing> {
  const text = `${newKeyText()}\n${await readKeyFile(path, true)}`;
  const ring = parseKeyRing(text, path);
  await write(path, text, rename);
  return ring;
}

/** Leaves the newest key alone in the file: what is still encrypted with another one is lost. */
export async function dropOldKeys(path: string): Promise<KeyRing> {
  const { primary } = parseKeyRing(await readKeyFile(path, true), path);
  const text = `${primary.bytes.toString("base64")}\n`;
  await write(path, text, rename);
  return parseKeyRing(text, path);
}

/** A link is made only where the name is free: another server's key is never replaced. */
async function makeKeyFile(path: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const existing = await open(path, "r").catch(() => null);
    if (existing !== null) return await existing.close();
    await write(path, `${newKeyText()}\n`, async (temporary) => {
      await link(temporary, path).catch((error: unknown) => {
        if (!hasSystemCode(error, "EEXIST")) throw error;
      });
      await rm(temporary);
    });
  } catch (error) {
    throw unusable(path, error);
  }
}

/** The file has its name only when all of it is on disk: half a key is all secrets lost. */
async function write(
  path: string,
  text: string,
  place: (temporary: string, path: string) => Promise<void>,
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}`;
  let file: FileHandle | null = null;
  try {
    file = await open(temporary, "wx", 0o600);
    await file.writeFile(text);
    await file.sync();
    await file.close();
    await place(temporary, path);
    const directory = await open(dirname(path), "r");
    await directory.sync();
    await directory.close();
  } catch (error) {
    await file?.close().catch(() => undefined);
    await rm(temporary, { force: true });
    throw unusable(path, error);
  }
}

async function readKeyFile(path: string, isOurs: boolean): Promise<string> {
  let file: FileHandle | null = null;
  try {
    file = await open(path, "r");
    const { mode, size } = await file.stat();
    const problem =
      isOurs && (mode & 0o077) !== 0
        ? `others than its owner may use it (mode ${(mode & 0o777).toString(8)})`
        : size > MAX_FILE_BYTES
          ? "it is too large"
          : null;
    if (problem !== null) throw new WaybillError("SECRETS_KEY_INVALID", { source: path, detail: problem });
    return await file.readFile("utf8");
  } catch (error) {
    throw unusable(path, error);
  } finally {
    await file?.close();
  }
}

function unusable(path: string, error: unknown): unknown {
  if (error instanceof WaybillError) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new WaybillError("SECRETS_KEY_INVALID", { source: path, detail }, { cause: error });
}
