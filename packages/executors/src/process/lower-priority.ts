import { writeFileSync } from "node:fs";
import { setPriority } from "node:os";

/**
 * Lets a process, and all it starts from now on, have the processor only where others leave it some: from 0, as others
 * have, to 19. Best effort: a machine that does not take it runs jobs as before.
 *
 * Linux may weigh sessions against each other instead of processes (`sched_autogroup`). Each supervisor leads a session,
 * so its session is told the same.
 */
export function lowerPriority(pid: number, niceness: number): void {
  if (niceness === 0) return;
  try {
    setPriority(pid, niceness);
    writeFileSync(`/proc/${pid}/autogroup`, String(niceness));
  } catch {
    // Gone already, or there is no such thing here.
  }
}
