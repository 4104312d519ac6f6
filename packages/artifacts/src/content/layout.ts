import { randomBytes } from "node:crypto";
import { mkdir, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createHashDirectoryPath } from "./hashes.ts";

/** Where things are below the store's directory. All on one file system, so that a rename publishes what is complete. */
export class Layout {
  readonly base: string;
  readonly contents: string;
  readonly infos: string;
  /** What is being written, and what is on its way out. Whatever lies here for long was left by a crash. */
  readonly temporary: string;
  /** Content that is not what its name says, kept for whoever wants to know why. Never read by jobs. */
  readonly quarantine: string;
  readonly usage: string;
  readonly hints: string;

  constructor(base: string) {
    this.base = base;
    this.contents = join(base, "artifacts");
    this.infos = join(base, "metadata");
    this.temporary = join(base, "temporary");
    this.quarantine = join(base, "quarantine");
    this.usage = join(base, "usage.log");
    this.hints = join(base, "hints");
  }

  contentOf(hash: string): string {
    return createHashDirectoryPath(hash, this.contents);
  }

  infoOf(hash: string): string {
    return join(this.infos, `${hash}.json`);
  }

  quarantineOf(hash: string): string {
    return join(this.quarantine, hash);
  }

  /** A name nobody else uses; `kind` says to a later sweep what it is. */
  async makeTemporary(kind: string): Promise<string> {
    await mkdir(this.temporary, { recursive: true, mode: 0o700 });
    return join(this.temporary, `${kind}-${randomBytes(8).toString("hex")}`);
  }
}

/** Makes a directory with those above it. @returns directories whose entries changed, to be synced */
export async function makeDirectories(path: string): Promise<readonly string[]> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return [];
  const changed: string[] = [];
  for (let made = path; ; made = dirname(made)) {
    changed.push(dirname(made));
    if (made === first || dirname(made) === made) return changed;
  }
}

/** A name survives a power cut once its directory is on disk. */
export async function syncDirectories(paths: Iterable<string>): Promise<void> {
  await Promise.all(
    Array.from(paths, async (path) => {
      const directory = await open(path, "r");
      try {
        await directory.sync();
      } finally {
        await directory.close();
      }
    }),
  );
}
