import { createMasker, maskText, SecretPatterns, type MaskedChunk, type Masker } from "@waybill/core";
import type { RunEvent } from "../events.ts";
import type { RunChange } from "../ports/run-store.ts";

/** Keeps the secrets of a run out of all that is stored or said of it. */
export class RunMasking {
  readonly #values: string[];
  /** Null: the run has no secrets. */
  #patterns: SecretPatterns | null;

  /**
   * @param secrets - values by name; empty ones are nothing to hide
   * @throws WaybillError `MASKING_SECRET_TOO_SHORT`, `MASKING_SECRETS_TOO_LARGE`
   */
  constructor(secrets: Readonly<Record<string, string>>) {
    this.#values = Object.values(secrets).filter((value) => value !== "");
    this.#patterns = patternsOf(this.#values);
  }

  /**
   * Secrets that a job gets when it begins: kept out of all that is said from now on. Streams that are open go on with
   * those they were opened with.
   *
   * @throws WaybillError as the constructor
   */
  add(secrets: Readonly<Record<string, string>>): void {
    const added = Object.values(secrets).filter((value) => value !== "" && !this.#values.includes(value));
    if (added.length === 0) return;
    this.#patterns = patternsOf([...this.#values, ...added]);
    this.#values.push(...added);
  }

  /**
   * Hides one more, in what is said from now on.
   * @returns a function that makes it be no secret any more
   * @throws WaybillError as the constructor
   */
  hide(secret: string): () => void {
    this.#patterns = patternsOf([...this.#values, secret]);
    this.#values.push(secret);
    return () => {
      const at = this.#values.indexOf(secret);
      if (at === -1) return;
      this.#values.splice(at, 1);
      this.#patterns = patternsOf(this.#values);
    };
  }

  text(text: string): string {
    return this.#patterns === null || text === "" ? text : maskText(text, this.#patterns);
  }

  /** A filter for one stream of a step. @param from - where in the stream the first byte stands */
  stream(from: number): StreamMask {
    return this.#patterns === null ? new NoMask(from) : new SecretMask(createMasker(this.#patterns, from));
  }

  /** What is about to be stored and told. Names come from the pipeline file and stay; words may repeat anything. */
  change(change: RunChange): RunChange {
    if (this.#patterns === null) return change;
    return {
      ...change,
      jobs: change.jobs.map((job) => (job.message === undefined ? job : { ...job, message: this.text(job.message) })),
      events: change.events.map(({ time, event }) => ({ time, event: this.#event(event) })),
    };
  }

  #event(event: RunEvent): RunEvent {
    if (event.type === "run.finished") {
      const jobs = Object.entries(event.jobs);
      return {
        ...event,
        jobs: Object.fromEntries(
          jobs.map(([name, result]) => [name, { ...result, message: this.text(result.message) }]),
        ),
      };
    }
    const message = "message" in event ? { message: this.text(event.message) } : {};
    const service = "service" in event && event.service ? { service: this.text(event.service) } : {};
    const remedy = "remedy" in event && event.remedy ? { remedy: this.text(event.remedy) } : {};
    return { ...event, ...message, ...service, ...remedy };
  }
}

function patternsOf(values: readonly string[]): SecretPatterns | null {
  return values.length === 0 ? null : new SecretPatterns(values);
}

/** A stream of bytes on its way to the log. */
export interface StreamMask {
  /** @returns what can be said for certain by now */
  push(data: Buffer): MaskedChunk;
  /** @returns the rest */
  end(): MaskedChunk;
}

class SecretMask implements StreamMask {
  readonly #masker: Masker;

  constructor(masker: Masker) {
    this.#masker = masker;
  }

  push(data: Buffer): MaskedChunk {
    return this.#masker.writeMapped(data);
  }

  end(): MaskedChunk {
    return this.#masker.endMapped();
  }
}

class NoMask implements StreamMask {
  #source: number;

  constructor(from: number) {
    this.#source = from;
  }

  push(data: Buffer): MaskedChunk {
    const source = this.#source;
    this.#source += data.length;
    return { bytes: data, segments: data.length === 0 ? [] : [{ start: 0, source, masked: false }] };
  }

  end(): MaskedChunk {
    return { bytes: Buffer.alloc(0), segments: [] };
  }
}
