import { WaybillError } from "@waybill/core";
// Synchronous: these are small local files, and loading the promises of `node:fs` is a part of a short command's time.
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from "node:fs";

const MEBIBYTE = 1024 * 1024;

/**
 * Reads a regular file of at most `maxBytes`. Opening does not block on a FIFO that nobody writes to.
 *
 * @param name - what the user calls the file, for messages
 * @throws WaybillError `CLI_FILE_NOT_FOUND`, `CLI_FILE_NOT_REGULAR`, `CLI_FILE_TOO_LARGE`, `CLI_FILE_UNREADABLE`
 */
export function readBounded(path: string, name: string, maxBytes: number): Uint8Array {
  let file: number | null = null;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = fstatSync(file);
    if (!stats.isFile()) throw new WaybillError("CLI_FILE_NOT_REGULAR", { file: name, kind: kindOf(stats) });
    if (stats.size > maxBytes) throw tooLarge(name, maxBytes);
    return readAll(file, name, stats.size, maxBytes);
  } catch (error) {
    throw readError(error, name);
  } finally {
    if (file !== null) closeSync(file);
  }
}

/**
 * Reads a stream to its end, at most `maxBytes` of it.
 *
 * @throws WaybillError `CLI_FILE_TOO_LARGE`, `CLI_FILE_UNREADABLE`
 */
export async function readStream(stream: NodeJS.ReadableStream, name: string, maxBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of stream) {
      const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
      size += bytes.length;
      if (size > maxBytes) throw tooLarge(name, maxBytes);
      chunks.push(bytes);
    }
  } catch (error) {
    throw readError(error, name);
  }
  return Buffer.concat(chunks, size);
}

/** A file may grow, or lie about its size as those in /proc do: what counts is what arrives. */
function readAll(file: number, name: string, size: number, maxBytes: number): Uint8Array {
  let buffer = Buffer.allocUnsafe(Math.min(size, maxBytes) + 1);
  let length = 0;
  for (;;) {
    const bytesRead = readSync(file, buffer, length, buffer.length - length, null);
    if (bytesRead === 0) return buffer.subarray(0, length);
    length += bytesRead;
    if (length > maxBytes) throw tooLarge(name, maxBytes);
    if (length === buffer.length) {
      buffer = Buffer.concat([buffer], Math.min(buffer.length * 2 + MEBIBYTE, maxBytes + 1));
    }
  }
}

function tooLarge(file: string, maxBytes: number): WaybillError {
  return new WaybillError("CLI_FILE_TOO_LARGE", { file, limit: maxBytes / MEBIBYTE });
}

function readError(error: unknown, file: string): unknown {
  if (error instanceof WaybillError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? "";
  if (code === "ENOENT") return new WaybillError("CLI_FILE_NOT_FOUND", { file }, { cause: error });
  // A socket cannot even be opened.
  if (code === "ENXIO") return new WaybillError("CLI_FILE_NOT_REGULAR", { file, kind: "socket" }, { cause: error });
  return new WaybillError("CLI_FILE_UNREADABLE", { file, reason: reasonOf(error) }, { cause: error });
}

/** A system error in words: `permission denied (EACCES)`. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const words = /^[A-Z0-9_]+: ([^,]+)/.exec(message)?.[1];
  return words === undefined || code === undefined ? message : `${words} (${code})`;
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return "directory";
  if (stats.isFIFO()) return "named pipe";
  if (stats.isSocket()) return "socket";
  return "device";
}
