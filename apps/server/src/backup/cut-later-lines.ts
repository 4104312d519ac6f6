import { isSettled, type LogLine, type RunStore } from "@waybill/engine";
import { cutLog, openLogStore } from "@waybill/logs";

const PAGE = 1000;

/**
 * Logs are copied after the database, so they may tell of what jobs did after that. On the restored server those jobs
 * begin where the database has them, and print it again: what the database does not know of is cut off.
 * @param directory of the logs
 * @throws WaybillError `STORE_*`
 */
export async function cutLaterLines(store: RunStore, directory: string): Promise<void> {
  const logs = openLogStore(directory);
  for (const run of await store.unfinished(Number.MAX_SAFE_INTEGER)) {
    const steps = await store.steps(run.id);
    const known = await lastEventTime(store, run.id);
    for (const job of await store.jobs(run.id)) {
      if (isSettled(job.status)) continue;
      const running = steps.find((step) => step.jobId === job.id && step.status === "running");
      let lines = 0;
      for await (const line of logs.read(run.id, job.name)) {
        if (!(line.time <= known || isOf(line, running))) break;
        lines += 1;
      }
      await cutLog(directory, run.id, job.name, lines);
    }
  }
}

/** What a step that the database has as running prints is part of its log, whenever it was. */
function isOf(line: LogLine, step: { readonly position: number } | undefined): boolean {
  return line.step === step?.position;
}

async function lastEventTime(store: RunStore, runId: string): Promise<number> {
  let time = -Infinity;
  let seq = 0;
  for (;;) {
    const events = await store.events(runId, seq, PAGE);
    for (const event of events) time = Math.max(time, event.time);
    seq = events.at(-1)?.seq ?? seq;
    if (events.length < PAGE) return time;
  }
}
