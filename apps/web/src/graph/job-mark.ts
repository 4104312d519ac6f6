import type { Job } from "../api/generated/operations.ts";
import { statusOf, wordOf, type Status } from "../components/status.ts";

/** Status and word of a job: one that is due and may not begin is held, by what it says. */
export function markOf({ status, held_by: heldBy }: Pick<Job, "status" | "held_by">): {
  readonly status: Status;
  readonly word: string;
} {
  if (heldBy !== null) return { status: "held", word: "held" };
  return { status: statusOf(status), word: wordOf(status) };
}
