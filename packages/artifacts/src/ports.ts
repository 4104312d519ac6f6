/** What the store must know about artifacts beyond their files: who relies on them, and what happened to them. */
export interface ArtifactRecords {
  /** Every artifact that a run has under a name. */
  registered(): Promise<readonly RegisteredArtifact[]>;
  pins(): Promise<readonly Pin[]>;
  /** @returns false: this owner had pinned it already */
  pin(pin: Pin): Promise<boolean>;
  /** @returns false: there was no such pin */
  unpin(ref: string, owner: string, time: number): Promise<boolean>;
  audit(entries: readonly AuditEntry[]): Promise<void>;
  /** Newest first. */
  auditTrail(limit: number): Promise<readonly AuditEntry[]>;
  /** One cleanup at a time. The lock ends with its process, however that ends. @returns null: another one holds it */
  lockCleanup(): Promise<{ release(): Promise<void> } | null>;
}

export interface RegisteredArtifact {
  readonly ref: string;
  readonly runId: string;
  readonly runNumber: number;
  readonly pipeline: string;
  readonly job: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly fileCount: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** The run that made it has not settled: its jobs may need it. */
  readonly isInUse: boolean;
}

/** Keeps an artifact until it is taken back. Several owners may pin the same one. */
export interface Pin {
  readonly ref: string;
  readonly owner: string;
  readonly reason: string;
  readonly createdAt: number;
}

export type AuditKind = "policy_evaluation" | "deletion" | "reference_change" | "storage_alert" | "corruption";

export interface AuditEntry {
  readonly time: number;
  readonly kind: AuditKind;
  /** Null: it is about the store as a whole. */
  readonly contentHash: string | null;
  /** Whose reference came or went; null: it is about no job. */
  readonly jobId: string | null;
  /** +1 or -1 for a reference change. */
  readonly delta: number | null;
  readonly details: Readonly<Record<string, string | number | boolean | null>>;
}
