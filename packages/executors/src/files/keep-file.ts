import { WaybillError } from "@waybill/core";
import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * A file with exactly this content, written where it is not there yet. Its name has its digest, so versions of Waybill
 * do not meet.
 *
 * @param directory absolute; made where it is missing
 * @param name for example `supervisor.sh`
 * @returns its path
 * @throws WaybillError `EXECUTOR_CONTROL_UNUSABLE`
 */
export function keepFile(directory: string, name: string, content: string | Uint8Array, mode: number): string {
  const wanted = Buffer.from(content);
  const digest = createHash("sha256").update(wanted).digest("hex").slice(0, 16);
  const dot = name.lastIndexOf(".");
  const path = join(directory, dot === -1 ? `${name}-${digest}` : `${name.slice(0, dot)}-${digest}${name.slice(dot)}`);
  try {
    if (readOrNull(path)?.equals(wanted) === true) return path;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const temporary = `${path}.${randomUUID()}`;
    writeFileSync(temporary, wanted, { mode });
    renameSync(temporary, path);
    return path;
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new WaybillError("EXECUTOR_CONTROL_UNUSABLE", { directory, detail }, { cause });
  }
}

function readOrNull(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}
