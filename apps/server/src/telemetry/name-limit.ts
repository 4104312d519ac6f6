/** For all names behind the limit. */
const OTHER = "other";

/** Whoever pushes chooses names of jobs, so their number is limited: each has series of its own for as long as we live. */
export class NameLimit {
  readonly #known = new Set<string>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  of(pipeline: string, job: string): { readonly pipeline: string; readonly job: string } {
    const key = `${pipeline}\0${job}`;
    if (!this.#known.has(key)) {
      if (this.#known.size >= this.#limit) return { pipeline: OTHER, job: OTHER };
      this.#known.add(key);
    }
    return { pipeline, job };
  }
}
