/** How well-known kinds of files begin. Looked at in order. */
const SIGNATURES: readonly (readonly [mimeType: string, offset: number, bytes: string])[] = [
  ["application/zip", 0, "504b0304"],
  ["application/gzip", 0, "1f8b"],
  ["application/zstd", 0, "28b52ffd"],
  ["application/x-xz", 0, "fd377a585a00"],
  ["application/x-bzip2", 0, "425a68"],
  ["application/x-executable", 0, "7f454c46"],
  ["application/pdf", 0, "25504446"],
  ["application/wasm", 0, "0061736d"],
  ["application/java-vm", 0, "cafebabe"],
  ["image/png", 0, "89504e47"],
  ["image/jpeg", 0, "ffd8ff"],
  ["image/gif", 0, "47494638"],
  ["application/x-tar", 257, "7573746172"],
];

const LOOKED_AT = 512;

/** The kind of a content by its first bytes: a signature, else text where nothing speaks against it. */
export function detectMimeType(start: Uint8Array): string {
  const head = Buffer.from(start.subarray(0, LOOKED_AT));
  for (const [mimeType, offset, bytes] of SIGNATURES) {
    if (head.toString("hex", offset, offset + bytes.length / 2) === bytes) return mimeType;
  }
  if (head.includes(0)) return "application/octet-stream";
  const text = head.toString("utf8").trimStart();
  // A character may be cut off at the end of what is looked at.
  if (text.slice(0, -1).includes("\ufffd")) return "application/octet-stream";
  if (text.startsWith("<?xml")) return "application/xml";
  if (/^(?:<!doctype html|<html)/i.test(text)) return "text/html";
  return "text/plain";
}
