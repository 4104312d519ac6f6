import type { RunEvent } from "@waybill/engine";

interface JobTimes {
  /** Of its first attempt. */
  readonly begunAt: number;
  startedAt: number;
  executor: string;
  hasSteps: boolean;
  /** By step. */
  readonly steps: Map<string, number>;
}

/** When what goes on in a run began, by its events: those before this process took it up among them. */
export class RunTimes {
  readonly #jobs = new Map<string, JobTimes>();
  #startedAt: number | null = null;

  note(time: number, event: RunEvent): void {
    switch (event.type) {
      case "run.started":
        this.#startedAt = time;
        return;
      case "job.started": {
        const known = this.#jobs.get(event.job);
        const steps = new Map<string, number>();
        const { executor } = event;
        this.#jobs.set(event.job, {
          begunAt: known?.begunAt ?? time,
          startedAt: time,
          executor,
          hasSteps: false,
          steps,
        });
        return;
      }
      case "step.started": {
        const job = this.#jobs.get(event.job);
        if (job === undefined) return;
        job.hasSteps = true;
        job.steps.set(event.step, time);
        return;
      }
      case "job.finished":
        this.#jobs.delete(event.job);
        return;
      case "job.held":
      case "job.released":
      case "job.retry":
      case "step.finished":
      case "run.resumed":
      case "run.finished":
        return;
    }
  }

  /** Of the run; null: it has not begun. */
  get startedAt(): number | null {
    return this.#startedAt;
  }

  /** Null: it has not been started. */
  jobBegunAt(job: string): number | null {
    return this.#jobs.get(job)?.begunAt ?? null;
  }

  stepStartedAt(job: string, step: string): number | null {
    return this.#jobs.get(job)?.steps.get(step) ?? null;
  }

  executorOf(job: string): string {
    return this.#jobs.get(job)?.executor ?? "unknown";
  }

  /** Since when the job has waited for its first step; null: it has had one. */
  waitForFirstStep(job: string): number | null {
    const times = this.#jobs.get(job);
    return times === undefined || times.hasSteps ? null : times.startedAt;
  }
}
