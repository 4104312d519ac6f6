import type { EngineNotice, OutputLine, RunEvent } from "@waybill/engine";

type EventOf<Type extends RunEvent["type"]> = Extract<RunEvent, { readonly type: Type }>;

/** Keeps all that a run tells, and wakes whoever waits for something to be told. */
export class Recorder {
  readonly notices: EngineNotice[] = [];
  readonly #waiting = new Set<() => void>();

  notice(notice: EngineNotice): void {
    this.notices.push(notice);
    for (const wake of this.#waiting) wake();
  }

  get events(): RunEvent[] {
    return this.notices.flatMap((notice) => ("event" in notice ? [notice.event] : []));
  }

  get output(): OutputLine[] {
    return this.notices.flatMap((notice) => ("output" in notice ? [notice.output] : []));
  }

  /** Lines of a job, in order. */
  lines(job: string): string[] {
    return this.output.filter((output) => output.job === job).map(({ line }) => line);
  }

  eventsOf<Type extends RunEvent["type"]>(type: Type): EventOf<Type>[] {
    return this.events.filter((event): event is EventOf<Type> => event.type === type);
  }

  /** Resolves when the job has printed the line. */
  async line(job: string, line: string): Promise<void> {
    await this.#until(() => this.output.some((output) => output.job === job && output.line === line));
  }

  /** Resolves with the first event of a type (and job) that passes, told already or yet to come. */
  async event<Type extends RunEvent["type"]>(
    type: Type,
    passes: (event: EventOf<Type>) => boolean = () => true,
  ): Promise<EventOf<Type>> {
    await this.#until(() => this.eventsOf(type).some(passes));
    return this.eventsOf(type).find(passes) as EventOf<Type>;
  }

  #until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!holds()) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }
}
