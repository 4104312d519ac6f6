import { hasSystemCode } from "@waybill/core";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

/** No request takes so long. */
const OLD_MS = 24 * 60 * 60 * 1000;

/** Removes what requests left whose server died. Other servers may use the directory now: what is young may be theirs. */
export async function sweepScratch(directory: string, now: number): Promise<void> {
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    try {
      if (now - (await stat(path)).mtimeMs > OLD_MS) await rm(path, { recursive: true, force: true });
    } catch (error) {
      // Whoever owns it was quicker.
      if (!hasSystemCode(error, "ENOENT")) throw error;
    }
  }
}
