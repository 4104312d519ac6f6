/** How far a verification has got, and what came of it. */
export type VerificationResult = "pending" | "verifying" | "valid" | "corrupted" | "missing" | "failed";

/** What is known after content was verified; the fields of the audit trail and of `waybill artifacts verify --json`. */
export interface VerificationRecord {
  readonly expected_hash: string;
  /** Empty where nothing could be read. */
  readonly calculated_hash: string;
  /** ISO 8601, UTC. */
  readonly verification_time: string;
  readonly verification_result: VerificationResult;
  /** Empty where all is well. */
  readonly error_details: string;
  readonly retry_count: number;
  /** Of the raw bytes: expected where that is known, else found. */
  readonly file_size: number;
  readonly chunk_size: number;
}

type VerificationEvent = "start" | "hash_matches" | "mismatch" | "file_missing" | "read_failed" | "retry" | "give_up";

const TRANSITIONS: Readonly<Record<VerificationResult, Partial<Record<VerificationEvent, VerificationResult>>>> = {
  pending: { start: "verifying" },
  verifying: { hash_matches: "valid", mismatch: "corrupted", file_missing: "missing", read_failed: "failed" },
  corrupted: { retry: "verifying", give_up: "failed" },
  valid: {},
  missing: {},
  failed: {},
};

/** @returns null where the event cannot happen in this state */
export function nextVerification(state: VerificationResult, event: VerificationEvent): VerificationResult | null {
  return TRANSITIONS[state][event] ?? null;
}
