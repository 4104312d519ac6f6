/**
 * What it costs to keep files as an artifact and to hand them on, beside tools that do less.
 *
 *     node bench/artifacts.ts [--size MIB] [--files N] [--rounds N] [--compressible PART]
 *
 * The large file is made anew: a part of it (half, where not said otherwise) is text of random words, which compresses
 * to about two fifths, the rest is random; both lie in stretches of 16 MiB in turn. `sha256sum` reads the same file
 * right before each upload and each download; the small files are copied by `cp -r` for comparison.
 * Speeds are megabytes of the file, not of what is stored. A speed ratio above 1 is faster than `sha256sum`, a time
 * ratio above 1 is slower than `cp -r`.
 */
import { openArtifactStore } from "@waybill/artifacts";
import { execFileSync } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { median } from "./lib/statistics.ts";

const MIB = 1024 * 1024;
const STRETCH = 16 * MIB;

const vocabulary = Array.from({ length: 4000 }, (_, index) =>
  Math.random()
    .toString(36)
    .slice(2, 4 + (index % 8)),
);

const { values } = parseArgs({
  options: {
    size: { type: "string", default: "2048" },
    files: { type: "string", default: "10000" },
    rounds: { type: "string", default: "3" },
    compressible: { type: "string", default: "0.5" },
  },
});
const size = Number(values.size) * MIB;
const rounds = Number(values.rounds);

const root = mkdtempSync(join(tmpdir(), "waybill-bench-"));
let peakRss = 0;
const watch = setInterval(() => (peakRss = Math.max(peakRss, process.memoryUsage.rss())), 20);
try {
  await largeFile();
  await smallFiles(Number(values.files));
  console.log(`peak memory of this process: ${(peakRss / MIB).toFixed(0)} MiB`);
} finally {
  clearInterval(watch);
  rmSync(root, { recursive: true, force: true });
}

async function largeFile(): Promise<void> {
  const workspace = join(root, "large");
  mkdirSync(workspace);
  makeLarge(join(workspace, "file"));
  const file = join(workspace, "file");
  const uploads: number[] = [];
  const downloads: number[] = [];
  const again: number[] = [];
  let stored = 0;
  let added = 0;
  for (let round = 0; round < rounds; round += 1) {
    const directory = join(root, `store-${round}`);
    const store = openArtifactStore(directory);
    const save = (): ReturnType<typeof store.save> =>
      store.save({ runId: "run", jobName: "build", workspace, patterns: { app: ["file"] } });
    let reference = await timed(() => execFileSync("sha256sum", [file]));
    let saved: Awaited<ReturnType<typeof save>> = [];
    uploads.push(reference / (await timed(async () => void (saved = await save()))));
    stored = (await store.backend.stats()).total_bytes;
    again.push(reference / (await timed(save)));
    added = (await store.backend.stats()).total_bytes - stored;
    const target = join(root, `target-${round}`);
    mkdirSync(target);
    reference = await timed(() => execFileSync("sha256sum", [file]));
    downloads.push(reference / (await timed(() => store.restore(saved, target))));
    if (round === 0) console.log(`sha256sum: ${speed(reference)}`);
    execFileSync("cmp", [file, join(target, "file")]);
    rmSync(target, { recursive: true });
    rmSync(directory, { recursive: true });
  }
  const ratio = (of: readonly number[]): string => `${median(of).toFixed(2)} of sha256sum's speed`;
  console.log(`one file of ${size / MIB} MiB, ${values.compressible} of it compressible, medians of ${rounds} rounds:`);
  console.log(`  upload            ${ratio(uploads)} (wanted: 0.70); stored as ${(stored / MIB).toFixed(0)} MiB`);
  console.log(`  unchanged upload  ${ratio(again)}; bytes added to the store: ${added}`);
  console.log(`  download          ${ratio(downloads)} (wanted: 0.70)`);
}

async function smallFiles(count: number): Promise<void> {
  const workspace = join(root, "small");
  for (let index = 0; index < count; index += 1) {
    const folder = join(workspace, "tree", `folder-${Math.floor(index / 50)}`);
    if (index % 50 === 0) mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `file-${index}.js`), words(2000));
  }
  const times = { copy: [] as number[], save: [] as number[], again: [] as number[], restore: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    const copy = join(root, "copy");
    times.copy.push(await timed(() => execFileSync("cp", ["-r", join(workspace, "tree"), copy])));
    rmSync(copy, { recursive: true });
    const store = openArtifactStore(join(root, `small-store-${round}`));
    const save = (): ReturnType<typeof store.save> =>
      store.save({ runId: "run", jobName: "build", workspace, patterns: { app: ["tree"] } });
    let saved: Awaited<ReturnType<typeof save>> = [];
    times.save.push(await timed(async () => void (saved = await save())));
    times.again.push(await timed(save));
    const target = join(root, "small-target");
    mkdirSync(target);
    times.restore.push(await timed(() => store.restore(saved, target)));
    rmSync(target, { recursive: true });
  }
  const row = (name: string, of: readonly number[]): void => {
    const ratios = of.map((ms, index) => ms / (times.copy[index] ?? Number.NaN));
    console.log(`  ${name.padEnd(17)} ${median(of).toFixed(0)} ms, ${median(ratios).toFixed(2)} times cp -r`);
  };
  console.log(`${count} files of 2000 bytes, cp -r ${median(times.copy).toFixed(0)} ms, medians of ${rounds} rounds:`);
  row("upload", times.save);
  row("unchanged upload", times.again);
  row("download", times.restore);
}

function makeLarge(path: string): void {
  const file = openSync(path, "w");
  const random = Buffer.allocUnsafe(MIB);
  let textShare = 0;
  for (let at = 0; at < size; at += STRETCH) {
    textShare += Number(values.compressible);
    const isText = textShare >= 1;
    if (isText) textShare -= 1;
    const text = isText ? Buffer.from(words(4 * MIB)) : Buffer.alloc(0);
    for (let inside = 0; inside < STRETCH && at + inside < size; inside += MIB) {
      const start = (inside * 7) % (3 * MIB);
      writeSync(file, isText ? text.subarray(start, start + MIB) : randomFillSync(random));
    }
  }
  closeSync(file);
}

function words(bytes: number): string {
  const parts: string[] = [];
  for (let length = 0; length < bytes;) {
    const word = vocabulary[Math.floor(Math.random() * vocabulary.length)] ?? "";
    parts.push(word);
    length += word.length + 1;
  }
  return parts.join(" ").slice(0, bytes).padEnd(bytes);
}

async function timed(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function speed(ms: number): string {
  return `${(size / MIB / (ms / 1000)).toFixed(0)} MiB/s`;
}
