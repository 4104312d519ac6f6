import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ManualClock } from "@waybill/core/testing";
import type { SavedArtifact } from "@waybill/engine";
import { openArtifactStore, type ContentAddressedStore } from "../content-addressed-store.ts";
import type { VerificationRecord } from "../content/verification.ts";
import { RetentionPolicyEngine } from "../retention/retention-policy-engine.ts";
import { MemoryArtifactRecords } from "./memory-records.ts";

export const DAY = 86_400_000;

/** A store with a workspace beside it, in a directory of its own. */
export class StoreBench {
  readonly root: string;
  readonly workspace: string;
  readonly clock = new ManualClock(Date.UTC(2026, 0, 1));
  readonly records = new MemoryArtifactRecords();
  readonly quarantined: VerificationRecord[] = [];
  readonly store: ContentAddressedStore;
  #runs = 0;

  private constructor(root: string, maxStorageGb: number | undefined) {
    this.root = root;
    this.workspace = join(root, "workspace");
    this.store = openArtifactStore(join(root, "store"), {
      clock: this.clock,
      ...(maxStorageGb === undefined ? {} : { maxStorageGb }),
      onQuarantine: (record) => {
        this.quarantined.push(record);
        return Promise.resolve();
      },
    });
  }

  static async open(maxStorageGb?: number): Promise<StoreBench> {
    const bench = new StoreBench(await mkdtemp(join(tmpdir(), "waybill-store-")), maxStorageGb);
    await mkdir(bench.workspace);
    return bench;
  }

  close(): Promise<void> {
    return rm(this.root, { recursive: true });
  }

  async put(path: string, content: string | Uint8Array = path): Promise<void> {
    await mkdir(dirname(join(this.workspace, path)), { recursive: true });
    await writeFile(join(this.workspace, path), content);
  }

  /** One artifact of a run that is over, unless `isInUse`. */
  async save(pattern: string, name = "app", isInUse = false): Promise<SavedArtifact> {
    this.#runs += 1;
    const runId = `run-${this.#runs}`;
    const { workspace } = this;
    const [saved] = await this.store.save({ runId, jobName: "build", workspace, patterns: { [name]: [pattern] } });
    if (saved === undefined) throw new Error("nothing saved");
    const { ref, sizeBytes, fileCount } = saved;
    this.records.artifacts.push({
      ...{ ref, runId, name, sizeBytes, fileCount, isInUse },
      ...{ runNumber: this.#runs, pipeline: "demo", job: "build", createdAt: this.clock.now() },
    });
    return saved;
  }

  /** Where it was put. */
  async restore(saved: SavedArtifact): Promise<string> {
    const target = await mkdtemp(join(this.root, "target-"));
    await this.store.restore([saved], target);
    return target;
  }

  get retention(): RetentionPolicyEngine {
    return new RetentionPolicyEngine({ backend: this.store.backend, records: this.records, clock: this.clock });
  }

  /** Paths below the store, without its running total. */
  async files(): Promise<string[]> {
    const entries = await readdir(this.store.backend.layout.base, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() && entry.name !== "usage.log")
      .map((entry) => join(entry.parentPath, entry.name));
  }

  async contents(): Promise<string[]> {
    const hashes: string[] = [];
    for await (const hash of this.store.backend.list()) hashes.push(hash);
    return hashes;
  }

  pathOf(hash: string): string {
    return this.store.backend.layout.contentOf(hash);
  }
}
