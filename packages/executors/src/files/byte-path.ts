/*
 * File names are bytes, not text: a name that is no valid UTF-8 does not survive a round trip through a JavaScript
 * string. Here such paths are strings of which each character is one byte ("latin1"), so that joining and comparing
 * them is ordinary string work, and they become paths again only at the system call.
 */

/** A byte string as a path for `node:fs`. */
export function toPath(bytes: string): string | Buffer {
  // oxlint-disable-next-line no-control-regex
  return /^[\x00-\x7f]*$/.test(bytes) ? bytes : Buffer.from(bytes, "latin1");
}

/** A path as a byte string. */
export function fromPath(path: string): string {
  return Buffer.from(path).toString("latin1");
}
