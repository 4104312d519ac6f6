/** Which artifacts may go after what time. Names are those of the configuration and the audit trail. */
export interface RetentionPolicy {
  readonly policy_name: string;
  readonly max_age_days: number;
  /** Protection after the last access. */
  readonly grace_period_hours: number;
  /** From this stored size of an artifact on, it is kept half as long; null: size does not matter. */
  readonly size_threshold_gb: number | null;
  /** Kept for the configuration's sake: any reference protects, whatever is set here. */
  readonly min_reference_count: number;
  /** Regular expression that an artifact's name has to match from its beginning. */
  readonly artifact_pattern: string;
  /** Of several that match, the highest decides alone. */
  readonly priority: number;
  readonly enabled: boolean;
}

function policy(
  policy_name: string,
  artifact_pattern: string,
  [max_age_days, grace_period_hours, priority]: readonly [number, number, number],
): RetentionPolicy {
  const common = { size_threshold_gb: null, min_reference_count: 1, enabled: true };
  return { policy_name, artifact_pattern, max_age_days, grace_period_hours, priority, ...common };
}

export const DEFAULT_POLICIES: readonly RetentionPolicy[] = [
  policy("release_artifacts", "release-v.*", [90, 168, 100]),
  policy("test_artifacts", "test-.*", [7, 24, 50]),
  policy("default_policy", ".*", [30, 72, 1]),
];

/**
 * The policy that decides about a name: the enabled one of the highest priority that matches; of equal ones the first.
 *
 * @returns null: none matches
 */
export function policyFor(policies: readonly RetentionPolicy[], name: string): RetentionPolicy | null {
  let best: RetentionPolicy | null = null;
  for (const each of policies) {
    if (!each.enabled || (best !== null && each.priority <= best.priority)) continue;
    if (new RegExp(`^(?:${each.artifact_pattern})$`, "u").test(name)) best = each;
  }
  return best;
}
