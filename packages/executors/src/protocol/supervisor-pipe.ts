import type { Readable, Writable } from "node:stream";

/** Longer lines are no notices: they are dropped rather than kept. */
const MAX_LINE = 256;

/**
 * The supervisor's standard input and output as a way to send steps and hear of their ends. Errors of the pipes are
 * not errors of the execution: a supervisor that is gone is noticed as such, and nothing is told by pipe alone.
 */
export function connectSupervisor(
  input: Writable,
  notices: Readable,
  stepEnded: (key: string) => void,
): (line: string) => void {
  let rest = "";
  notices.on("data", (chunk: Buffer) => {
    const lines = (rest + chunk.toString("latin1")).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > MAX_LINE) rest = "";
    for (const line of lines) {
      const key = /^(\d+-\d+) \d+$/.exec(line)?.[1];
      if (key !== undefined) stepEnded(key);
    }
  });
  notices.on("error", () => undefined);
  input.on("error", () => undefined);
  return (line) => void input.write(`${line}\n`);
}
