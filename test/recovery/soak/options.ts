import { parseArgs } from "node:util";
import { EXECUTORS, type ExecutorName } from "../../support/executors.ts";

export const HELP = `Usage: script/soak [options]

Runs pipelines in many projects at a time, kills the programs that drive them at random instants, resumes them, and
checks at the end of each that every step ran once, that nothing of its output is missing or doubled, and that no
process, directory, control group, container or network is left. Now and then a run is given up instead, its supervisor
is killed, or the Docker daemon is stopped and started: such a run has to end in a clear state and leave nothing. The
daemon is one of its own, which needs root.

Options:
  --hours <N>       how long; 0.1 is six minutes (default: 1)
  --executor <E>    all, process, sandbox or docker (default: all)
  --seed <N>        to see the same delays and disturbances again; whatever else the machine does differs
  --at-once <N>     projects at a time (default: 4)
  --help            this

Exit codes: 0 nothing was found, 1 a run did not end as it should (its project is kept), 2 wrong options,
130 ended by Ctrl-C.
`;

export interface SoakOptions {
  readonly durationMs: number;
  readonly executors: readonly ExecutorName[];
  /** The executor was named: it must be there. */
  readonly isChosen: boolean;
  readonly seed: number;
  readonly atOnce: number;
}

/** Null: help was asked for. @throws Error with what is wrong, in words */
export function readOptions(args: readonly string[]): SoakOptions | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      hours: { type: "string", default: "1" },
      executor: { type: "string", default: "all" },
      seed: { type: "string", default: String(Date.now() % 1_000_000) },
      "at-once": { type: "string", default: "4" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return null;
  const executors = EXECUTORS.filter((name) => values.executor === "all" || values.executor === name);
  if (executors.length === 0) throw new Error(`--executor is all, ${EXECUTORS.join(", ")}, not ${values.executor}`);
  return {
    durationMs: numberOf("--hours", values.hours, 0.001) * 3_600_000,
    executors,
    isChosen: values.executor !== "all",
    seed: Math.floor(numberOf("--seed", values.seed, 0)),
    atOnce: Math.floor(numberOf("--at-once", values["at-once"], 1)),
  };
}

function numberOf(option: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value < least) {
    throw new Error(`${option} is a number of at least ${least}, not "${text}"`);
  }
  return value;
}
