export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** One row: name, median of the subject and of the baseline in milliseconds, and the median of the pairwise ratios. */
export function printRatio(
  name: string,
  subjectMs: readonly number[],
  baselineMs: readonly number[],
  limit: string,
): void {
  const ratios = subjectMs.map((value, index) => value / (baselineMs[index] ?? Number.NaN));
  const columns = [
    name.padEnd(46),
    `${median(subjectMs).toFixed(2)} ms`.padStart(12),
    `${median(baselineMs).toFixed(2)} ms`.padStart(12),
    `${median(ratios).toFixed(2)}x`.padStart(8),
    limit,
  ];
  process.stdout.write(`${columns.join("  ")}\n`);
}

export function printHeader(): void {
  const columns = ["what".padEnd(46), "subject".padStart(12), "baseline".padStart(12), "ratio".padStart(8), "wanted"];
  process.stdout.write(`${columns.join("  ")}\n`);
}

/** Calls both in turn, so that a machine whose speed drifts slows them alike. */
export async function inTurn(
  rounds: number,
  subject: () => number | Promise<number>,
  baseline: () => number | Promise<number>,
): Promise<{ subject: number[]; baseline: number[] }> {
  const times = { subject: [] as number[], baseline: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    times.baseline.push(await baseline());
    times.subject.push(await subject());
  }
  return times;
}

/** Milliseconds that `work` takes, on average over `repeats` calls. */
export function timed(repeats: number, work: () => unknown): number {
  const start = performance.now();
  for (let index = 0; index < repeats; index++) work();
  return (performance.now() - start) / repeats;
}

/** Milliseconds a job takes, on average over `jobs` of them with `concurrency` at a time. */
export async function millisecondsPerJob(jobs: number, concurrency: number, job: () => Promise<void>): Promise<number> {
  const start = performance.now();
  let started = 0;
  const worker = async (): Promise<void> => {
    while (started++ < jobs) await job();
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return (performance.now() - start) / jobs;
}
