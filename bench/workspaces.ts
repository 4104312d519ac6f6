/**
 * What a snapshot, a workspace and their removal cost for projects of several sizes: medians of several rounds.
 *
 *     node bench/workspaces.ts [files …]
 */
import { openWorkspaces } from "@waybill/executors";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1, 5000];

for (const size of sizes) {
  const root = mkdtempSync(join(tmpdir(), "waybill-bench-"));
  try {
    const project = join(root, "project");
    for (let i = 0; i < size; i += 1) {
      const folder = join(project, `folder-${Math.floor(i / 50)}`);
      if (i % 50 === 0) mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `file-${i}`), "x".repeat(2000));
    }
    const workspaces = openWorkspaces({ directory: join(root, "runs"), source: project });
    const rounds = size < 100 ? 200 : 3;
    let start = performance.now();
    await workspaces.snapshot("run");
    const snapshot = performance.now() - start;
    const made: number[] = [];
    const removed: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      start = performance.now();
      const workspace = await workspaces.create("run", "job", round);
      made.push(performance.now() - start);
      start = performance.now();
      await workspaces.remove(workspace);
      removed.push(performance.now() - start);
    }
    const median = (values: number[]): string => (values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0).toFixed(2);
    console.log(
      `${size} files: snapshot ${snapshot.toFixed(2)} ms, create ${median(made)} ms, remove ${median(removed)} ms`,
    );
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
