import { setTimeout } from "node:timers/promises";
import { WaybillError, type Clock } from "@waybill/core";
import type { ArtifactStorageBackend } from "../content/storage-backend.ts";
import { ManifestError, parseManifest } from "../manifest/format.ts";
import { contentsOf, MAX_MANIFEST_BYTES, type Manifest } from "../manifest/manifest.ts";
import type { ArtifactRecords, AuditEntry, AuditKind } from "../ports.ts";
import { decideRetention, evictionOrder, MINIMUM_AGE_DAYS, type RetentionDecision } from "./decide.ts";
import { referencesOf, takeInventory, type Inventory, type StoredArtifact } from "./inventory.ts";
import { DEFAULT_POLICIES, type RetentionPolicy } from "./policy.ts";
import { actionOf, EVICTION_TARGET_PERCENT, pressureLevel, type PressureLevel } from "./pressure.ts";
import { IN_FLIGHT_MS, sweepQuarantine, sweepTemporary } from "./sweep-leftovers.ts";

export const MAX_ARTIFACTS_PER_CYCLE = 1000;

/** Contents may be many more than the artifacts that are made of them. */
const MAX_CONTENTS_PER_CYCLE = 50_000;

/** After so many deletions the references are read again, and others get their turn at the disk. */
const BATCH = 50;
const PAUSE_MS = 5;

const DAY_MS = 86_400_000;

export interface RetentionOptions {
  readonly backend: ArtifactStorageBackend;
  readonly records: ArtifactRecords;
  readonly clock: Clock;
  readonly policies?: readonly RetentionPolicy[];
}

export interface CleanupOptions {
  /** Looks and tells, and changes nothing but the metadata that was lost. */
  readonly dryRun?: boolean;
  readonly maxArtifacts?: number;
}

export interface DeletionCandidate extends RetentionDecision {
  readonly artifact: StoredArtifact;
}

export interface CleanupReport {
  readonly dry_run: boolean;
  readonly level: PressureLevel;
  readonly used_percent: number;
  readonly evaluated: number;
  readonly artifacts: readonly {
    readonly ref: string;
    readonly names: readonly string[];
    readonly size_bytes: number;
    readonly policy: string | null;
    readonly reason: string;
  }[];
  /** Were to go, and stayed: somebody came to rely on them meanwhile, or they could not be removed. */
  readonly failed_deletions: number;
  readonly contents_deleted: number;
  readonly reclaimed_bytes: number;
  /** Hashes of what was found damaged on the way. */
  readonly corrupted: readonly string[];
  readonly leftovers_removed: number;
}

/** Decides what goes and removes it: artifacts first, then the contents that none is made of any more. */
export class RetentionPolicyEngine {
  readonly #backend: ArtifactStorageBackend;
  readonly #records: ArtifactRecords;
  readonly #clock: Clock;
  readonly #policies: readonly RetentionPolicy[];

  constructor({ backend, records, clock, policies }: RetentionOptions) {
    this.#backend = backend;
    this.#records = records;
    this.#clock = clock;
    this.#policies = policies ?? DEFAULT_POLICIES;
  }

  /** One cycle, alone. @throws WaybillError `ARTIFACT_CLEANUP_RUNNING` */
  async collect({
    dryRun = false,
    maxArtifacts = MAX_ARTIFACTS_PER_CYCLE,
  }: CleanupOptions = {}): Promise<CleanupReport> {
    const lock = await this.#records.lockCleanup();
    if (lock === null) throw new WaybillError("ARTIFACT_CLEANUP_RUNNING", {});
    try {
      return await this.#cycle(dryRun, maxArtifacts);
    } finally {
      await lock.release();
    }
  }

  /** What policies, age and pressure let go, the oldest first; at most `maxArtifacts`. */
  evaluateRetentionPolicies(
    inventory: Inventory,
    level: PressureLevel,
    maxArtifacts: number = MAX_ARTIFACTS_PER_CYCLE,
  ): readonly DeletionCandidate[] {
    const now = this.#clock.now();
    return inventory.artifacts
      .toSorted((a, b) => a.createdAt - b.createdAt)
      .map((artifact) => ({ artifact, ...decideRetention(artifact, this.#policies, level, now) }))
      .filter(({ decision }) => decision === "delete")
      .slice(0, maxArtifacts);
  }

  /** @returns those that are gone. References are looked at once more before each batch. */
  async executeCleanup(candidates: readonly DeletionCandidate[]): Promise<Outcome> {
    const outcome = new Outcome();
    for (let at = 0; at < candidates.length; at += BATCH) {
      const references = await referencesOf(this.#records);
      const entries: AuditEntry[] = [];
      for (const candidate of candidates.slice(at, at + BATCH)) {
        const { artifact, policy, reason } = candidate;
        const isFree = (references.get(artifact.ref) ?? 0) === 0;
        const bytes = isFree ? await this.#remove(artifact.ref, IN_FLIGHT_MS, outcome) : null;
        if (bytes === null) {
          outcome.failed += 1;
          continue;
        }
        outcome.deleted.push(candidate);
        outcome.bytes += bytes;
        const days = (this.#clock.now() - artifact.createdAt) / DAY_MS;
        entries.push(
          this.#entry("deletion", artifact.ref, {
            size_bytes: artifact.sizeBytes,
            age_days: Math.floor(days),
            reference_count: 0,
            policy,
            reason,
          }),
        );
      }
      if (entries.length > 0) await this.#records.audit(entries);
      await setTimeout(PAUSE_MS);
    }
    return outcome;
  }

  async #cycle(dryRun: boolean, maxArtifacts: number): Promise<CleanupReport> {
    const { quota_used_percent: used } = await this.#backend.stats();
    const level = pressureLevel(used);
    if (level !== "normal" && !dryRun) {
      await this.#records.audit([
        this.#entry("storage_alert", null, { level, used_percent: used, action: actionOf(level) }),
      ]);
    }
    const inventory = await takeInventory(this.#backend, this.#records);
    const candidates = this.evaluateRetentionPolicies(inventory, level, maxArtifacts);
    if (!dryRun) await this.#auditEvaluation(inventory, candidates);
    const outcome = dryRun ? Outcome.of(candidates) : await this.executeCleanup(candidates);
    const contents = await this.#sweepContents(inventory, outcome, level, dryRun);
    let evicted = 0;
    if (level === "orange" && !dryRun)
      evicted = await this.#evict(inventory, outcome, maxArtifacts - candidates.length);
    let leftovers = 0;
    if (!dryRun) {
      const { layout } = this.#backend;
      const now = this.#clock.now();
      leftovers = await sweepTemporary(layout, now);
      for (const hash of await sweepQuarantine(layout, now)) {
        await this.#records.audit([this.#entry("deletion", hash, { reason: "30 days in quarantine" })]);
      }
      await this.#backend.sweepHints();
      await this.#backend.stats();
    }
    return {
      dry_run: dryRun,
      level,
      used_percent: used,
      evaluated: inventory.artifacts.length,
      artifacts: outcome.deleted.map(({ artifact, policy, reason }) => ({
        ref: artifact.ref,
        names: artifact.names,
        size_bytes: artifact.sizeBytes,
        policy,
        reason,
      })),
      failed_deletions: outcome.failed,
      contents_deleted: contents + evicted,
      reclaimed_bytes: outcome.bytes,
      corrupted: outcome.corrupted,
      leftovers_removed: leftovers,
    };
  }

  /** Removes contents that no artifact is made of. @returns how many */
  async #sweepContents(inventory: Inventory, outcome: Outcome, level: PressureLevel, dryRun: boolean): Promise<number> {
    const gone = new Set(outcome.deleted.map(({ artifact }) => artifact.ref));
    const live = await this.#liveContents(inventory, gone, outcome);
    if (live === null) return 0;
    const isFull = level === "red" || level === "critical";
    const graceMs = isFull ? IN_FLIGHT_MS : DAY_MS;
    let removed = 0;
    for (const hash of inventory.contents) {
      if (live.has(hash) || removed === MAX_CONTENTS_PER_CYCLE) continue;
      const bytes = dryRun ? await this.#wouldFree(hash, graceMs) : await this.#remove(hash, graceMs, outcome);
      if (bytes === null) continue;
      removed += 1;
      outcome.bytes += bytes;
      if (!dryRun && removed % BATCH === 0) await setTimeout(PAUSE_MS);
    }
    return removed;
  }

  /** @returns null where some artifact cannot be read just now: what it is made of is not known, so nothing goes */
  async #liveContents(inventory: Inventory, gone: ReadonlySet<string>, outcome: Outcome): Promise<Set<string> | null> {
    const live = new Set<string>();
    // Those that came since the inventory was taken hold on to contents by the time they were claimed.
    for (const { ref } of inventory.artifacts) {
      if (gone.has(ref)) continue;
      const { content, record } = await this.#backend.readAll(ref, MAX_MANIFEST_BYTES);
      const manifest = content === null ? null : readManifest(content);
      if (manifest !== null) for (const hash of contentsOf(manifest)) live.add(hash);
      else if (record.verification_result === "corrupted") outcome.corrupted.push(ref);
      else if (record.verification_result !== "missing") return null;
    }
    return live;
  }

  /** Verified first, so that damage is not disguised as routine cleanup. @returns bytes; null: it stays, or is gone */
  async #remove(hash: string, graceMs: number, outcome: Outcome): Promise<number | null> {
    const claimedBefore = this.#clock.now() - graceMs;
    const claimedAt = await this.#backend.claimedAt(hash);
    if (claimedAt === null || claimedAt >= claimedBefore) return null;
    const { verification_result: result } = await this.#backend.verify(hash);
    if (result === "corrupted") outcome.corrupted.push(hash);
    return result === "valid" ? await this.#backend.remove(hash, claimedBefore) : null;
  }

  async #wouldFree(hash: string, graceMs: number): Promise<number | null> {
    const claimedAt = await this.#backend.claimedAt(hash);
    if (claimedAt === null || claimedAt >= this.#clock.now() - graceMs) return null;
    return await this.#backend.storedBytes(hash);
  }

  /** What the policies left may still be too much: the largest go until there is room. */
  async #evict(inventory: Inventory, outcome: Outcome, most: number): Promise<number> {
    const gone = new Set(outcome.deleted.map(({ artifact }) => artifact.ref));
    const order = evictionOrder(inventory.artifacts, this.#clock.now()).filter(({ ref }) => !gone.has(ref));
    let contents = 0;
    for (const artifact of order.slice(0, Math.max(most, 0))) {
      const { quota_used_percent: used } = await this.#backend.stats();
      if (used < EVICTION_TARGET_PERCENT) break;
      const decision = { decision: "delete", reason: "evicted for its size", policy: null } as const;
      const step = await this.executeCleanup([{ artifact, ...decision }]);
      outcome.add(step);
      contents += await this.#sweepContents(inventory, outcome, "orange", false);
    }
    return contents;
  }

  /** One entry for each that goes; those that stay are counted, as there are thousands of them every few hours. */
  async #auditEvaluation(inventory: Inventory, candidates: readonly DeletionCandidate[]): Promise<void> {
    const entries = candidates.map(({ artifact, policy, decision, reason }) =>
      this.#entry("policy_evaluation", artifact.ref, { policy, decision, reason }),
    );
    const kept = inventory.artifacts.length - candidates.length;
    if (kept > 0) {
      entries.push(
        this.#entry("policy_evaluation", null, {
          decision: "keep",
          artifacts: kept,
          minimum_age_days: MINIMUM_AGE_DAYS,
        }),
      );
    }
    if (entries.length > 0) await this.#records.audit(entries);
  }

  #entry(kind: AuditKind, contentHash: string | null, details: AuditEntry["details"]): AuditEntry {
    return { time: this.#clock.now(), kind, contentHash, jobId: null, delta: null, details };
  }
}

/** @returns null where it is not one of ours: of a newer version, say */
function readManifest(content: Buffer): Manifest | null {
  try {
    return parseManifest(content.toString("utf8"));
  } catch (error) {
    if (error instanceof ManifestError) return null;
    throw error;
  }
}

/** What came of deletions. */
class Outcome {
  readonly deleted: DeletionCandidate[] = [];
  readonly corrupted: string[] = [];
  failed = 0;
  bytes = 0;

  static of(candidates: readonly DeletionCandidate[]): Outcome {
    const outcome = new Outcome();
    outcome.deleted.push(...candidates);
    return outcome;
  }

  add(other: Outcome): void {
    this.deleted.push(...other.deleted);
    this.corrupted.push(...other.corrupted);
    this.failed += other.failed;
    this.bytes += other.bytes;
  }
}
