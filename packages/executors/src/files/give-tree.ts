import { lchownSync, lstatSync, readdirSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { fromPath, toPath } from "./byte-path.ts";

/** The event loop gets its turn this often. */
const SLICE_MS = 2;

/**
 * Makes `owner` the owner of a directory and of all below it. Links are given away themselves and never followed.
 * Nobody may be changing the tree meanwhile. We must be root.
 *
 * @param path absolute
 */
export async function giveTree(path: string, owner: { readonly uid: number; readonly gid: number }): Promise<void> {
  let sliceEnd = performance.now() + SLICE_MS;
  const waiting = [fromPath(path)];
  for (let directory = waiting.pop(); directory !== undefined; directory = waiting.pop()) {
    lchownSync(toPath(directory), owner.uid, owner.gid);
    if (!lstatSync(toPath(directory)).isDirectory()) continue;
    for (const entry of readdirSync(toPath(directory), { withFileTypes: true, encoding: "latin1" })) {
      const child = `${directory}/${entry.name}`;
      if (entry.isDirectory()) waiting.push(child);
      else lchownSync(toPath(child), owner.uid, owner.gid);
    }
    if (performance.now() > sliceEnd) {
      await setImmediate();
      sliceEnd = performance.now() + SLICE_MS;
    }
  }
}
