import { systemClock } from "@waybill/core";
import { writeSync } from "node:fs";
import { runSlippy } from "./program.ts";

async function main(): Promise<void> {
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort(new Error(name)));
  process.exitCode = await runSlippy(process.argv.slice(2), {
    env: process.env,
    clock: systemClock,
    isTerminal: process.stderr.isTTY,
    // At once: a container may be gone before a stream is flushed.
    stdout: (text) => writeAll(1, text),
    stderr: (text) => writeAll(2, text),
    signal: stop.signal,
  });
}

/** A log that nobody reads any more, or that is full, must not end a step. */
function writeAll(descriptor: number, text: string): void {
  try {
    writeSync(descriptor, text);
  } catch {
    // There is nowhere to tell it.
  }
}

// Not awaited at the top of the module: the program is bundled as CommonJS.
void main();
