import { chmodSync, lstatSync, readdirSync, renameSync, rmdirSync, unlinkSync, type Dirent } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { fromPath, toPath } from "./byte-path.ts";
import { systemErrorCode } from "./hostile-file.ts";

/** The event loop gets its turn this often. */
const SLICE_MS = 2;
/**
 * A directory this many bytes below the root is moved up to it first. A job can nest directories deeper than the
 * longest path the system takes (4096 bytes), and deeper than a recursion should go.
 */
const MAX_DEPTH_BYTES = 1024;

/**
 * Removes a directory and all below it; nothing where there is none. Links are removed, never followed. Directories
 * that their owner made read-only are opened up first: package managers leave such trees behind.
 *
 * Synchronous in short slices: an unlink takes microseconds, a trip through the thread pool ten times that.
 *
 * @param path absolute
 */
export async function removeTree(path: string): Promise<void> {
  const root = fromPath(path);
  const status = lstatSync(toPath(root), { throwIfNoEntry: false });
  if (status === undefined) return;
  if (!status.isDirectory()) return ifPresent(() => unlinkSync(toPath(root)));
  const removal: Removal = { root, moved: [], movedCount: 0, sliceEnd: performance.now() + SLICE_MS };
  await emptyDirectory(root, removal);
  for (let moved = removal.moved.pop(); moved !== undefined; moved = removal.moved.pop()) {
    await emptyDirectory(moved, removal);
    ifPresent(() => rmdirSync(toPath(moved)));
  }
  ifPresent(() => rmdirSync(toPath(root)));
}

interface Removal {
  readonly root: string;
  /** Directories that were moved up to the root and still have content. */
  readonly moved: string[];
  movedCount: number;
  sliceEnd: number;
}

async function emptyDirectory(path: string, removal: Removal): Promise<void> {
  for (const entry of open(path)) {
    const child = `${path}/${entry.name}`;
    if (!entry.isDirectory()) {
      ifPresent(() => unlinkSync(toPath(child)));
    } else if (child.length - removal.root.length > MAX_DEPTH_BYTES) {
      moveUp(child, removal);
    } else {
      await emptyDirectory(child, removal);
      ifPresent(() => rmdirSync(toPath(child)));
    }
    if (performance.now() > removal.sliceEnd) {
      await setImmediate();
      removal.sliceEnd = performance.now() + SLICE_MS;
    }
  }
}

function moveUp(path: string, removal: Removal): void {
  const target = `${removal.root}/.waybill-removing-${process.pid}-${removal.movedCount++}`;
  // A directory changes its parent only where it may itself be written to.
  chmodSync(toPath(path), 0o700);
  renameSync(toPath(path), toPath(target));
  removal.moved.push(target);
}

function open(path: string): Dirent[] {
  try {
    const entries = readEntries(path);
    // Removing entries takes write permission; asking for it beforehand is cheaper than being refused.
    if (entries.length > 0 && process.getuid?.() !== 0) chmodSync(toPath(path), 0o700);
    return entries;
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === "ENOENT") return [];
    if (code !== "EACCES") throw error;
    chmodSync(toPath(path), 0o700);
    return readEntries(path);
  }
}

function readEntries(path: string): Dirent[] {
  return readdirSync(toPath(path), { withFileTypes: true, encoding: "latin1" });
}

function ifPresent(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (systemErrorCode(error) !== "ENOENT") throw error;
  }
}
