import { setTimeout } from "node:timers/promises";

/** A tree that starts processes faster than this many rounds of killing is left to the next attempt to close. */
const MAX_KILL_ROUNDS = 200;

/** @param pid negative: a process group */
export function signal(pid: number, name: "SIGTERM" | "SIGCONT" | "SIGKILL"): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone already, or not ours: either way there is nothing left to do about it.
  }
}

/** Kills what `find` finds until it finds nothing: what is found may just have started something new. */
export async function killAll(find: (isFirstRound: boolean) => Promise<number[]>): Promise<void> {
  for (let round = 0; round < MAX_KILL_ROUNDS; round += 1) {
    const pids = await find(round === 0);
    if (pids.length === 0) return;
    for (const pid of pids) signal(pid, "SIGKILL");
    await setTimeout(1);
  }
}
