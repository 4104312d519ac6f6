import type { EngineNotice, RunEvent } from "@waybill/engine";
import { jobsAnswer, lineAnswer, linesAnswer, type JobAnswer, type LineAnswer } from "./answers.ts";
import type { ApiClient } from "./api-client.ts";
import { NoticeQueue } from "./notice-queue.ts";
import { runNotice } from "./run-event.ts";

const LINES_AT_ONCE = 1_000;

export interface FollowedJobs {
  /** Those of the run, once they are known. */
  readonly jobs: readonly JobAnswer[];
}

/**
 * A run as this machine's engine would tell of it: what happened and what was printed, from the beginning, and then what
 * comes, until it is over. Events and logs are different streams of a server; a line comes here behind the start of its step
 * and before the end of it.
 *
 * @param onJobs told of the run's jobs before its first event
 */
export async function* followRun(
  client: ApiClient,
  runId: string,
  onJobs: (jobs: readonly JobAnswer[]) => void,
): AsyncGenerator<EngineNotice> {
  const queue = new NoticeQueue<EngineNotice>();
  void drive(client, runId, onJobs, queue).then(
    () => queue.close(),
    (error: unknown) => queue.close(error),
  );
  yield* queue;
}

async function drive(
  client: ApiClient,
  runId: string,
  onJobs: (jobs: readonly JobAnswer[]) => void,
  queue: NoticeQueue<EngineNotice>,
): Promise<void> {
  const logs = new Map<string, LogTail>();
  let isKnown = false;
  const learn = async (): Promise<void> => {
    const { items } = await client.get(`/v1/pipeline-runs/${runId}/jobs`, jobsAnswer);
    for (const job of items) if (!logs.has(job.name)) logs.set(job.name, new LogTail(client, job, queue));
    if (!isKnown) onJobs(items);
    isKnown = true;
  };
  for await (const streamed of client.events(`/v1/pipeline-runs/${runId}/events`)) {
    const notice = runNotice(streamed);
    if (notice === null) continue;
    if (!isKnown) await learn();
    await queue.room();
    await before(notice.event, logs);
    queue.push(notice);
    after(notice.event, logs, queue);
  }
  if (!isKnown) await learn();
  for (const log of logs.values()) await log.settle();
}

/** What was printed before an event is shown before it. */
async function before(event: RunEvent, logs: ReadonlyMap<string, LogTail>): Promise<void> {
  switch (event.type) {
    case "step.finished":
    case "job.retry":
      return await logs.get(event.job)?.drain();
    case "job.finished":
      return await logs.get(event.job)?.settle();
    case "run.finished":
      for (const log of logs.values()) await log.settle();
      return;
    default:
  }
}

function after(event: RunEvent, logs: ReadonlyMap<string, LogTail>, queue: NoticeQueue<EngineNotice>): void {
  if (event.type === "job.started") logs.get(event.job)?.open((error) => queue.close(error));
  else if (event.type === "step.started") logs.get(event.job)?.begin(event.step, event.attempt);
}

/** The log of one job as it grows. */
class LogTail {
  readonly #client: ApiClient;
  readonly #job: JobAnswer;
  readonly #queue: NoticeQueue<EngineNotice>;
  readonly #steps: ReadonlyMap<number, string>;
  /** Steps that have begun, with the number of the attempt. */
  readonly #begun = new Set<string>();
  /** Lines of steps whose beginning is not told of yet. */
  #held: LineAnswer[] = [];
  #next = 0;
  #isOpen = false;
  #isSettled = false;

  constructor(client: ApiClient, job: JobAnswer, queue: NoticeQueue<EngineNotice>) {
    this.#client = client;
    this.#job = job;
    this.#queue = queue;
    this.#steps = new Map(job.steps.map(({ position, name }) => [position, name]));
  }

  get #path(): string {
    return `/v1/jobs/${this.#job.id}/logs`;
  }

  open(onError: (error: unknown) => void): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#stream().catch(onError);
  }

  begin(step: string, attempt: number): void {
    this.#begun.add(keyOf(step, attempt));
    this.#release();
  }

  /** Until all is here that is stored now. */
  async drain(): Promise<void> {
    for (;;) {
      const from = this.#next;
      const { items, total_lines: total } = await this.#client.get(this.#path, linesAnswer, {
        from,
        limit: LINES_AT_ONCE,
      });
      for (const line of items) this.#take(line);
      if (items.length === 0 || this.#next >= total) break;
      await this.#queue.room();
    }
    this.#release();
  }

  /** The job is over: all that it printed is shown, and nothing more will come. */
  async settle(): Promise<void> {
    if (this.#isSettled) return;
    if (this.#isOpen) await this.drain();
    this.#isSettled = true;
    for (const line of this.#held.splice(0)) this.#show(line);
  }

  async #stream(): Promise<void> {
    for await (const { data } of this.#client.events(this.#path, { follow: true, from: this.#next })) {
      if (this.#isSettled) return;
      this.#take(lineAnswer.parse(JSON.parse(data)));
      this.#release();
      await this.#queue.room();
    }
  }

  /** The stream and the pages of `drain` overlap: each line is taken once. */
  #take(line: LineAnswer): void {
    if (line.line < this.#next || this.#isSettled) return;
    this.#next = line.line + 1;
    this.#held.push(line);
  }

  #release(): void {
    let count = 0;
    for (const line of this.#held) {
      const step = this.#steps.get(line.step);
      if (step !== undefined && !this.#begun.has(keyOf(step, line.attempt))) break;
      this.#show(line);
      count += 1;
    }
    if (count > 0) this.#held = this.#held.slice(count);
  }

  #show({ time, stream, step, attempt, text }: LineAnswer): void {
    const output = { job: this.#job.name, step: this.#steps.get(step) ?? "", attempt, stream, line: text };
    this.#queue.push({ time, output });
  }
}

function keyOf(step: string, attempt: number): string {
  return `${attempt} ${step}`;
}
