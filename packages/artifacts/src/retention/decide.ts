import { policyFor, type RetentionPolicy } from "./policy.ts";
import { retentionFactor, type PressureLevel } from "./pressure.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const BYTES_PER_GB = 1024 ** 3;

/** Nothing younger goes, unless the store is all but full. */
export const MINIMUM_AGE_DAYS = 7;

/** What a decision is made of. Times are milliseconds since the epoch. */
export interface RetentionCandidate {
  /** Under all names it has: content is shared, and the most protective name decides. */
  readonly names: readonly string[];
  readonly createdAt: number;
  readonly lastAccessed: number;
  readonly sizeBytes: number;
  /** Runs that may need it, and pins. */
  readonly references: number;
}

export interface RetentionDecision {
  readonly decision: "keep" | "delete";
  /** In words, for the audit trail and `waybill artifacts gc`. */
  readonly reason: string;
  /** The policy that decided; null: the matrix did, or none was asked. */
  readonly policy: string | null;
}

/** Whether an artifact goes. Of several names the one decides that protects it best. */
export function decideRetention(
  candidate: RetentionCandidate,
  policies: readonly RetentionPolicy[],
  level: PressureLevel,
  now: number,
): RetentionDecision {
  if (candidate.references > 0) {
    return keep(candidate.references === 1 ? "1 reference" : `${candidate.references} references`);
  }
  if (level === "red" || level === "critical") return remove(`storage level ${level}`);
  if (now - candidate.createdAt < MINIMUM_AGE_DAYS * DAY_MS) return keep(`younger than ${MINIMUM_AGE_DAYS} days`);
  const names = candidate.names.length === 0 ? [""] : candidate.names;
  let last: RetentionDecision = remove("it has no name");
  for (const name of names) {
    last = decideForName(candidate, policyFor(policies, name), level, now);
    if (last.decision === "keep") return last;
  }
  return last;
}

function decideForName(
  candidate: RetentionCandidate,
  policy: RetentionPolicy | null,
  level: PressureLevel,
  now: number,
): RetentionDecision {
  const age = now - candidate.createdAt;
  const idle = now - candidate.lastAccessed;
  if (policy === null) return decideByMatrix(age, idle, level);
  const isLarge = policy.size_threshold_gb !== null && candidate.sizeBytes >= policy.size_threshold_gb * BYTES_PER_GB;
  const factor = retentionFactor(level) * (isLarge ? 0.5 : 1);
  const { policy_name: name, max_age_days: days, grace_period_hours: hours } = policy;
  if (age <= days * factor * DAY_MS) return keep(`not older than ${days * factor} days`, name);
  if (idle <= hours * factor * HOUR_MS) return keep(`used within ${hours * factor} hours`, name);
  return remove(`older than ${days * factor} days, not used for ${hours * factor} hours`, name);
}

/** For what no policy is about, and no reference protects. */
function decideByMatrix(age: number, idle: number, level: PressureLevel): RetentionDecision {
  const factor = retentionFactor(level);
  const graceHours = (age > 30 * DAY_MS * factor ? 7 * 24 : 72) * factor;
  if (idle <= graceHours * HOUR_MS) return keep(`used within ${graceHours} hours`);
  return remove(`no policy, not used for ${graceHours} hours`);
}

/** What goes for its size when the policies leave too much: the largest first, of equal ones the oldest. */
export function evictionOrder<Candidate extends RetentionCandidate>(
  candidates: readonly Candidate[],
  now: number,
): Candidate[] {
  return candidates
    .filter(({ references, createdAt }) => references === 0 && now - createdAt >= MINIMUM_AGE_DAYS * DAY_MS)
    .toSorted((a, b) => b.sizeBytes - a.sizeBytes || a.createdAt - b.createdAt);
}

function keep(reason: string, policy: string | null = null): RetentionDecision {
  return { decision: "keep", reason, policy };
}

function remove(reason: string, policy: string | null = null): RetentionDecision {
  return { decision: "delete", reason, policy };
}
