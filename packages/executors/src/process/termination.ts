import { childrenOf } from "./process-table.ts";

/**
 * Which processes of an execution get SIGTERM while a step is being stopped. At first all of them.
 *
 * A shell that gets SIGTERM between two commands may start the next one all the same, and acts on the signal when
 * that ends. Such a command gets the signal too. Others that start late do not: they are what a shell or a program
 * cleans up with, and have the whole grace period.
 */
export class Termination {
  readonly #supervisor: number | null;
  readonly #known: ReadonlySet<number>;
  #mayStartLate: boolean;

  /** @param found the processes that get the signal now */
  constructor(supervisor: number | null, found: readonly number[]) {
    this.#supervisor = supervisor;
    this.#known = new Set(found);
    this.#mayStartLate = this.#commands(found).length === 0;
  }

  /** False: what runs now is another step than the one that was stopped. */
  isUnderWay(found: readonly number[]): boolean {
    return found.some((pid) => this.#known.has(pid));
  }

  /**
   * @param found the processes that are there now
   * @returns those that were started late
   */
  late(found: readonly number[]): number[] {
    if (!this.#mayStartLate) return [];
    const started = this.#commands(found).filter((pid) => !this.#known.has(pid));
    this.#mayStartLate = started.length === 0;
    return started;
  }

  /** What the step's shell has started. */
  #commands(found: readonly number[]): number[] {
    return childrenOf(childrenOf([this.#supervisor], found), found);
  }
}
