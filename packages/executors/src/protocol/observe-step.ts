import type { Clock } from "@waybill/core";
import type { Observation, OutputOffsets } from "@waybill/engine";
import { constants } from "node:os";
import type { ControlDirectory } from "./control-directory.ts";
import type { Execution } from "./execution.ts";
import { OutputFile } from "./output-file.ts";

/** How often a supervisor that cannot report to us is looked for. */
const LIVENESS_INTERVAL_MS = 1000;

/** What the step `key` prints behind `from`, and its end. The execution must know the step. */
export async function* observeStep(
  execution: Execution,
  key: string,
  from: OutputOffsets,
  clock: Clock,
): AsyncGenerator<Observation, void, void> {
  const { control } = execution.place;
  const files = {
    stdout: new OutputFile(control.file(`${key}.out`), from.stdout),
    stderr: new OutputFile(control.file(`${key}.err`), from.stderr),
  };
  const liveness = new LivenessCheck(execution, key, clock);
  try {
    for (;;) {
      // In this order: whether it has ended, how much there is, and only then the reading. All that the step's shell
      // printed is in the files before its end is; what a left-over process adds later must not delay the end.
      const end = endOf(execution, key) ?? liveness.check();
      const limits = { stdout: files.stdout.size(), stderr: files.stderr.size() };
      let progressed = false;
      for (const stream of ["stdout", "stderr"] as const) {
        for (;;) {
          const data = await files[stream].read(limits[stream]);
          if (data === null) break;
          progressed = true;
          yield { type: "output", stream, data, offset: files[stream].offset, time: clock.now() };
        }
      }
      if (end !== null) {
        if (execution.runningStep === key) execution.runningStep = null;
        // A supervisor that lost a step may still be busy with it: it must not serve another execution.
        if (end.type === "lost") execution.gone(end.detail);
        if (end.type === "lost") yield { ...end, time: clock.now() };
        else {
          const outOfMemory = await endedForMemory(execution, end.exitCode);
          yield { ...end, outOfMemory, outputs: control.readValues(key), time: clock.now() };
        }
        return;
      }
      if (!progressed) await execution.change();
    }
  } finally {
    files.stdout.close();
    files.stderr.close();
  }
}

/** Only what failed is asked about: a job may live on after the kernel ended one of its processes. */
async function endedForMemory(execution: Execution, exitCode: number | null): Promise<boolean> {
  return exitCode !== 0 && (await execution.supervisor.ranOutOfMemory());
}

type End =
  | { readonly type: "finished"; readonly exitCode: number | null; readonly signal: string | null }
  | { readonly type: "lost"; readonly detail: string };

/** Null: the step goes on. */
function endOf(execution: Execution, key: string): End | null {
  const { control } = execution.place;
  // While the supervisor reports to us, its silence is an answer that costs no system call.
  if (execution.isConnected && execution.runningStep === key && execution.goneBecause === null) return null;
  const gone = execution.goneBecause;
  const recorded = control.readEnd(key);
  switch (recorded.type) {
    case "ended":
      return finished(control, key, recorded.code);
    case "invalid":
      return { type: "lost", detail: "something replaced the file that records how the step ended" };
    case "open":
      if (gone !== null) return { type: "lost", detail: gone };
      if (execution.isConnected)
        return {
          type: "lost",
          detail: "the record of how the step ended is missing: it was removed, or the disk is full",
        };
      return null;
  }
}

/**
 * A shell's status says 128 + n both for a death by signal n and for `exit 128+n`. The two are told apart by what we
 * did: a status that fits a signal of ours is that signal, every other one stays the number it is.
 */
function finished(control: ControlDirectory, key: string, code: number): End {
  const stop = code > 128 ? control.readStop(key) : null;
  const killed = code === 128 + constants.signals.SIGKILL && stop === "SIGKILL";
  const terminated = code === 128 + constants.signals.SIGTERM && stop !== null;
  if (killed) return { type: "finished", exitCode: null, signal: "SIGKILL" };
  if (terminated) return { type: "finished", exitCode: null, signal: "SIGTERM" };
  return { type: "finished", exitCode: code, signal: null };
}

/** Notices that a supervisor without a pipe to us is dead, or never heard of the step. */
class LivenessCheck {
  readonly #execution: Execution;
  readonly #key: string;
  readonly #clock: Clock;
  #checkedAt: number;
  #suspicion: string | null = null;

  constructor(execution: Execution, key: string, clock: Clock) {
    this.#execution = execution;
    this.#key = key;
    this.#clock = clock;
    // The first check is due at once: the host may have been restarted long ago.
    this.#checkedAt = clock.monotonic() - LIVENESS_INTERVAL_MS;
  }

  /**
   * Two checks in a row must agree: between reading a file and looking for the process, a supervisor can finish its
   * work and an earlier owner's last request can arrive.
   */
  check(): End | null {
    if (this.#execution.isConnected || this.#clock.monotonic() - this.#checkedAt < LIVENESS_INTERVAL_MS) return null;
    this.#checkedAt = this.#clock.monotonic();
    const detail = this.#problem();
    const confirmed = detail !== null && this.#suspicion !== null;
    this.#suspicion = detail;
    return confirmed ? { type: "lost", detail } : null;
  }

  #problem(): string | null {
    const { control } = this.#execution.place;
    if (!this.#execution.supervisor.isAlive())
      return "its supervisor is gone: killed from outside, or the host restarted";
    if (!control.isStarted(this.#key) && !control.isRequested(this.#key)) return "the step was never handed over";
    return null;
  }
}
