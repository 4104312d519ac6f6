import { decideRetention, type RetentionCandidate, type RetentionDecision } from "./decide.ts";
import type { RetentionPolicy } from "./policy.ts";
import type { PressureLevel } from "./pressure.ts";

/** Rules of more years keep for ever. */
const HORIZON_MS = 100 * 365 * 86_400_000;

export interface KeptUntil extends RetentionDecision {
  /**
   * From when on a cleanup may take it, if nobody uses it and the store is no fuller, in milliseconds since the epoch; null:
   * a reference protects it for as long as it is there, or the rules for ever.
   */
  readonly until: number | null;
}

/** What the rules say of an artifact now, and when they will say something else. */
export function keptUntil(
  candidate: RetentionCandidate,
  policies: readonly RetentionPolicy[],
  level: PressureLevel,
  now: number,
): KeptUntil {
  const decision = decideRetention(candidate, policies, level, now);
  if (decision.decision === "delete") return { ...decision, until: now };
  const goes = (at: number): boolean => decideRetention(candidate, policies, level, at).decision === "delete";
  if (candidate.references > 0 || !goes(now + HORIZON_MS)) return { ...decision, until: null };
  // Time alone makes nothing safer, so there is one moment to find.
  let [kept, gone] = [now, now + HORIZON_MS];
  while (gone - kept > 1) {
    const middle = Math.floor((kept + gone) / 2);
    if (goes(middle)) gone = middle;
    else kept = middle;
  }
  return { ...decision, until: gone };
}
