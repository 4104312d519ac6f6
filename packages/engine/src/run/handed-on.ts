import type { PipelineJob } from "@waybill/pipeline";
import type { SavedArtifact } from "../ports/files.ts";

interface Received {
  readonly artifact: SavedArtifact;
  /** Fewest dependencies between the job that has it and the one that saved it; 1: a direct one. */
  readonly distance: number;
  /** Of the job that saved it: greater than that of every job it depends on. */
  readonly depth: number;
}

/**
 * Which artifacts each job gets: those of everything it depends on, directly or not.
 *
 * Where several have a file of the same path, the nearest job's counts; of two as near, the one that depends on the
 * other, as it had the other's file and made its own of it; else the one named later in `depends_on`. What is restored
 * later replaces what was there, so the one that counts comes last.
 */
export class HandedOn {
  readonly #ownOf: (job: string) => readonly SavedArtifact[];
  /**
   * What each job received, filled when its attempt is prepared and so before anything behind it is; after a crash by
   * going through the jobs that had begun, in the order in which they did.
   */
  readonly #received = new Map<string, readonly Received[]>();
  readonly #depths = new Map<string, number>();

  /** @param ownOf what a job has saved itself */
  constructor(ownOf: (job: string) => readonly SavedArtifact[]) {
    this.#ownOf = ownOf;
  }

  /** @returns the artifacts in the order in which they are to be restored */
  receive(job: PipelineJob): readonly SavedArtifact[] {
    this.#depths.set(job.name, 1 + Math.max(0, ...job.dependsOn.map((name) => this.#depthOf(name))));
    const lists = job.dependsOn.map((name) => this.#handedOnBy(name)).filter((list) => list.length > 0);
    const received = lists.length < 2 ? (lists[0] ?? []) : merge(lists);
    this.#received.set(job.name, received);
    return received.map(({ artifact }) => artifact);
  }

  #handedOnBy(name: string): Received[] {
    const depth = this.#depthOf(name);
    const further = (this.#received.get(name) ?? []).map((each) => ({ ...each, distance: each.distance + 1 }));
    return [...further, ...this.#ownOf(name).map((artifact) => ({ artifact, distance: 1, depth }))];
  }

  #depthOf(name: string): number {
    return this.#depths.get(name) ?? 0;
  }
}

function merge(lists: readonly (readonly Received[])[]): Received[] {
  const nearest = new Map<SavedArtifact, Received>();
  for (const received of lists.flat()) {
    const known = nearest.get(received.artifact);
    if (known === undefined || received.distance < known.distance) nearest.set(received.artifact, received);
  }
  return [...nearest.values()].toSorted((a, b) => b.distance - a.distance || a.depth - b.depth);
}
