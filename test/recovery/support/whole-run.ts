import type { StoredEvent } from "@waybill/engine";
import { openLogStore } from "@waybill/logs";
import type { SqlRunStore } from "@waybill/database";
import { deepEqual } from "node:assert/strict";
import { OUTPUT } from "./crash-pipeline.ts";

/** The run of the crash pipeline succeeded: its records tell of each step once, and its log has every line once. */
export async function checkWholeRun(store: SqlRunStore, logs: string): Promise<void> {
  const run = await store.find("1");
  if (run === null) throw new Error("there is no run");
  deepEqual([run.status, run.reason], ["success", null]);
  checkEvents(await store.events(run.id, 0, 10_000));
  for (const [job, expected] of Object.entries(OUTPUT)) {
    const lines: string[] = [];
    let earliest = 0;
    for await (const { stream, text, time } of openLogStore(logs).read(run.id, job)) {
      lines.push(`${stream} ${text}`);
      if (time < earliest) throw new Error(`${job}: ${text} is older than the line before it`);
      earliest = time;
    }
    const ofStream = (stream: string): string[] => lines.filter((line) => line.startsWith(stream));
    deepEqual([...ofStream("stdout"), ...ofStream("stderr")], expected);
  }
  const statuses = (await store.jobs(run.id)).map(({ status }) => status);
  deepEqual(new Set(statuses), new Set(["success"]));
}

function checkEvents(events: readonly StoredEvent[]): void {
  checkGapless(events);
  const told = events.flatMap(({ event }) => {
    if (event.type === "run.resumed") return [];
    if (event.type === "step.started") return [`${event.type} ${event.step} ${event.attempt}`];
    if (event.type === "step.finished") return [`${event.type} ${event.step} ${event.attempt} ${event.status}`];
    return ["job" in event ? `${event.type} ${event.job}` : event.type];
  });
  deepEqual(told.at(-1), "run.finished");
  const job = (name: string): string[] => [`job.started ${name}`, `job.finished ${name}`];
  const step = (name: string, attempt = 1, status = "success"): string[] => [
    `step.started ${name} ${attempt}`,
    `step.finished ${name} ${attempt} ${status}`,
  ];
  deepEqual(
    told.toSorted(),
    [
      ...["run.started", "run.finished", ...job("build"), ...job("step-again"), ...job("job-again"), ...job("check")],
      ...[...step("compile"), ...step("link"), ...step("verify"), ...step("behind-flaky")],
      ...[...step("flaky-step", 1, "failed"), "job.retry step-again", ...step("flaky-step", 2)],
      ...[...step("flaky-job", 1, "failed"), "job.retry job-again", "job.started job-again", ...step("flaky-job")],
    ].toSorted(),
  );
}

/** Numbered from 1 without a gap, and in the order of their times. */
export function checkGapless(events: readonly StoredEvent[]): void {
  deepEqual(
    events.map(({ seq }) => seq),
    events.map((_, index) => index + 1),
  );
  const times = events.map(({ time }) => time);
  deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
}
