import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** Where a small file system can be mounted; without the right to, tests of a full disk have nothing to run on. */
export const canMount = process.getuid?.() === 0 && mounts();

/** A file system of `kilobytes` at `directory`, gone with the test. */
export function smallDisk(directory: string, kilobytes: number): SmallDisk {
  mkdirSync(directory, { recursive: true });
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${kilobytes}k,mode=0700`, "waybill-test", directory]);
  onTestFinished(() => unmount(directory));
  return {
    fill: () => {
      const { bavail, bsize } = statfsSync(directory);
      writeFileSync(join(directory, "filler"), Buffer.alloc(bavail * bsize, 1));
    },
    free: () => rmSync(join(directory, "filler"), { force: true }),
  };
}

export interface SmallDisk {
  /** Leaves no byte. */
  fill(): void;
  free(): void;
}

function mounts(): boolean {
  const directory = mkdtempSync(join(tmpdir(), "waybill-mount-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "waybill-test", directory], { stdio: "ignore" });
    execFileSync("umount", [directory], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(directory);
  }
}

function unmount(directory: string): void {
  // Lazily: whatever a failed test still has open there goes with its process.
  execFileSync("umount", ["-l", directory]);
}
