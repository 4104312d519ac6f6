/** A run in a concurrency group. */
export interface GroupMember {
  readonly runId: string;
  /** Whether it may be at work; otherwise it waits. */
  readonly isAdmitted: boolean;
  /** Whether it is to end because of a later one. It blocks the group until it has. */
  readonly isSuperseded: boolean;
}

/** What becomes of a run that enters a group, and of those before it. */
export type Admission =
  | { readonly kind: "start" }
  | { readonly kind: "queue"; readonly behind: readonly string[] }
  /** The new run waits until these have ended. */
  | { readonly kind: "supersede"; readonly runs: readonly string[] };

/**
 * Decides about a new run. No run is ever lost: it starts, it waits, or it is named as superseded.
 *
 * @param members the group without the new run, in the order they came
 */
export function admit(members: readonly GroupMember[], cancelInProgress: boolean): Admission {
  const alive = members.filter(({ isSuperseded }) => !isSuperseded).map(({ runId }) => runId);
  if (cancelInProgress && alive.length > 0) return { kind: "supersede", runs: alive };
  if (members.some(blocks) || alive.length > 0) return { kind: "queue", behind: members.map(({ runId }) => runId) };
  return { kind: "start" };
}

/** The run that may start now: the first that waits, where nothing is at work. Null: none. */
export function nextToStart(members: readonly GroupMember[]): string | null {
  if (members.some(blocks)) return null;
  return members.find(({ isSuperseded }) => !isSuperseded)?.runId ?? null;
}

/** At work, or still ending. One that was superseded while it waited is neither. */
function blocks({ isAdmitted }: GroupMember): boolean {
  return isAdmitted;
}
