import { closeSync, constants, fchownSync, fstatSync, openSync, readSync, unlinkSync, writeFileSync } from "node:fs";

/** Error codes that mean: there is no such file (any more). */
const ABSENT = new Set(["ENOENT", "ENOTDIR"]);

/** The code of a failed system call, `ENOENT` for example; an empty string for any other error. */
export function systemErrorCode(error: unknown): string {
  if (!(error instanceof Error) || !("syscall" in error) || !("code" in error)) return "";
  return typeof error.code === "string" ? error.code : "";
}

/**
 * Opens for reading a file that a job could have replaced by anything: a link is not followed, a FIFO does not block.
 *
 * @returns a descriptor the caller closes; null: there is no file; "refused": it is no regular file
 */
export function openRegularFile(path: string): number | null | "refused" {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    if (ABSENT.has(systemErrorCode(error))) return null;
    return "refused";
  }
  if (fstatSync(descriptor).isFile()) return descriptor;
  closeSync(descriptor);
  return "refused";
}

/**
 * The text of a small file that a job could have replaced.
 *
 * @returns null: there is no file; "refused": not a regular file, or larger than `maxBytes`
 */
export function readSmallFile(path: string, maxBytes: number): { readonly text: string } | null | "refused" {
  const descriptor = openRegularFile(path);
  if (descriptor === null || descriptor === "refused") return descriptor;
  try {
    const buffer = Buffer.allocUnsafe(maxBytes + 1);
    const length = readSync(descriptor, buffer, 0, buffer.length, 0);
    return length > maxBytes ? "refused" : { text: buffer.toString("utf8", 0, length) };
  } catch {
    return "refused";
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Writes a file nobody else may read. What stands in its place, a link for example, is replaced and never written to.
 *
 * @param owner who may read it; null: we
 */
export function writePrivateFile(
  path: string,
  text: string,
  owner: { readonly uid: number; readonly gid: number } | null = null,
): void {
  try {
    writeNewFile(path, text, owner);
  } catch (error) {
    if (systemErrorCode(error) !== "EEXIST") throw error;
    unlinkSync(path);
    writeNewFile(path, text, owner);
  }
}

function writeNewFile(path: string, text: string, owner: { readonly uid: number; readonly gid: number } | null): void {
  if (owner === null) return writeFileSync(path, text, { mode: 0o600, flag: "wx" });
  const descriptor = openSync(path, "wx", 0o600);
  try {
    fchownSync(descriptor, owner.uid, owner.gid);
    writeFileSync(descriptor, text);
  } finally {
    closeSync(descriptor);
  }
}
