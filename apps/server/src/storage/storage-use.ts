import type { ContentAddressedStore, RetentionPolicy } from "@waybill/artifacts";
import type { Clock } from "@waybill/core";
import type { ProjectUse, SqlArtifactLists } from "@waybill/database";

/** Counting means looking at every file: not for each request. */
const FRESH_MS = 60_000;
const MAX_ARTIFACTS = 100_000;

export interface StorageUse {
  readonly countedAt: number;
  readonly usedBytes: number;
  readonly quotaBytes: number;
  readonly usedPercent: number;
  readonly contents: number;
  readonly quarantined: number;
  readonly projects: readonly ProjectUse[];
  /** Whether all artifacts were looked at. */
  readonly isComplete: boolean;
}

/** How much is stored, counted at most once a minute however many ask. */
export class StorageUses {
  readonly policies: readonly RetentionPolicy[];
  readonly #artifacts: ContentAddressedStore;
  readonly #lists: SqlArtifactLists;
  readonly #clock: Clock;
  #known: Promise<StorageUse> | null = null;
  #countedAt = -Infinity;

  constructor(
    artifacts: ContentAddressedStore,
    lists: SqlArtifactLists,
    clock: Clock,
    policies: readonly RetentionPolicy[],
  ) {
    this.#artifacts = artifacts;
    this.#lists = lists;
    this.#clock = clock;
    this.policies = policies;
  }

  /** @throws WaybillError `STORE_*`, `ARTIFACT_*` */
  async use(): Promise<StorageUse> {
    const now = this.#clock.now();
    if (this.#known === null || now - this.#countedAt > FRESH_MS) {
      this.#countedAt = now;
      const counting = this.#count(now);
      this.#known = counting;
      counting.catch(() => {
        if (this.#known === counting) this.#known = null;
      });
    }
    return await this.#known;
  }

  async #count(countedAt: number): Promise<StorageUse> {
    const { backend } = this.#artifacts;
    const stats = await backend.stats();
    const quarantined = await backend.quarantined();
    const { projects, isComplete } = await this.#lists.useByProject(MAX_ARTIFACTS);
    return {
      countedAt,
      usedBytes: stats.total_bytes,
      quotaBytes: backend.maxBytes,
      usedPercent: stats.quota_used_percent,
      contents: stats.artifact_count,
      quarantined: quarantined.length,
      projects,
      isComplete,
    };
  }
}
