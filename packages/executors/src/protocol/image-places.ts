import { WaybillError } from "@waybill/core";
import type {
  ExecutionSpec,
  ExecutionStatus,
  Executor,
  Observation,
  OutputOffsets,
  StepReference,
  StepSpec,
  SubmitNotice,
} from "@waybill/engine";
import type { SupervisedExecutor } from "./supervised-executor.ts";

/** Between an execution's id and the number of its image. Ids are made of letters, digits and hyphens. */
const SEPARATOR = "~";

/**
 * An execution as several places on one workspace, one for each image its steps name: steps of one image share a place,
 * which is made when the first of them starts. Which step belongs where follows from the spec alone, and the first
 * place's record has that, so that a later process finds its way.
 *
 * Each place is an execution of `inner` whose spec has the place's image first in `images`.
 */
export class ImagePlaces implements Executor, AsyncDisposable {
  readonly #inner: SupervisedExecutor;
  /** Who hears of images that are fetched while steps start. */
  readonly #notices = new Map<string, SubmitNotice>();

  constructor(inner: SupervisedExecutor) {
    this.#inner = inner;
  }

  get name(): string {
    return this.#inner.name;
  }

  workspacePath(workspace: string): string {
    return this.#inner.workspacePath(workspace);
  }

  /** @throws WaybillError `EXECUTOR_INVALID_ID` */
  async submit(spec: ExecutionSpec, notice?: SubmitNotice): Promise<void> {
    if (spec.executionId.includes(SEPARATOR)) {
      throw new WaybillError("EXECUTOR_INVALID_ID", { detail: `one with a "${SEPARATOR}"` });
    }
    await this.#inner.submit(spec, notice);
    if (notice !== undefined) this.#notices.set(spec.executionId, notice);
  }

  async startStep(executionId: string, step: StepSpec): Promise<void> {
    const spec = this.#specOf(executionId);
    const images = imagesOf(spec);
    const number = numberOf(images, spec, step.index);
    if (number > 0) {
      const place = { ...spec, executionId: placeId(executionId, number), images: [images[number] ?? null] };
      await this.#inner.submit(place, this.#notices.get(executionId));
    }
    await this.#inner.startStep(placeId(executionId, number), step);
  }

  observeStep(executionId: string, step: StepReference, from: OutputOffsets): AsyncIterable<Observation> {
    const spec = this.#specOf(executionId);
    return this.#inner.observeStep(placeId(executionId, numberOf(imagesOf(spec), spec, step.index)), step, from);
  }

  async stopStep(executionId: string, graceMs: number): Promise<void> {
    await Promise.all(this.#placesOf(executionId).map((id) => this.#inner.stopStep(id, graceMs)));
  }

  /**
   * The first place goes last: it has the record that leads to the others. Where that is unreadable they are looked for.
   */
  async close(executionId: string): Promise<void> {
    this.#notices.delete(executionId);
    const spec = this.#inner.specOf(executionId);
    const places = spec === null ? await this.#findPlaces(executionId) : this.#placesOf(executionId);
    await Promise.all(places.filter((id) => id !== executionId).map((id) => this.#inner.close(id)));
    await this.#inner.close(executionId);
  }

  async status(executionId: string): Promise<ExecutionStatus> {
    const [first, ...others] = await Promise.all(this.#placesOf(executionId).map((id) => this.#inner.status(id)));
    if (first === undefined || first.state === "unknown") return { executionId, state: "unknown" };
    const states = new Set([first, ...others].map(({ state }) => state));
    const state = states.has("lost") ? "lost" : states.has("running") ? "running" : "idle";
    return { executionId, state };
  }

  async list(): Promise<readonly ExecutionStatus[]> {
    const ids = new Set((await this.#inner.list()).map(({ executionId }) => executionId.split(SEPARATOR)[0] as string));
    return await Promise.all([...ids].map((id) => this.status(id)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inner[Symbol.asyncDispose]();
  }

  async #findPlaces(executionId: string): Promise<string[]> {
    const all = await this.#inner.list();
    return all.map((status) => status.executionId).filter((id) => id.startsWith(`${executionId}${SEPARATOR}`));
  }

  /** Every place the execution may have. */
  #placesOf(executionId: string): string[] {
    const spec = this.#inner.specOf(executionId);
    if (spec === null) return [executionId];
    return imagesOf(spec).map((_, number) => placeId(executionId, number));
  }

  /** @throws WaybillError `EXECUTOR_UNKNOWN` */
  #specOf(executionId: string): ExecutionSpec {
    const spec = this.#inner.specOf(executionId);
    if (spec === null) throw new WaybillError("EXECUTOR_UNKNOWN", { execution: executionId });
    return spec;
  }
}

/** The image of a place; null: its steps name none. */
export function imageOf(spec: ExecutionSpec): string | null {
  return spec.images[0] ?? null;
}

/** Not one of the places that an execution gets later, when the job has begun to work. */
export function isFirstPlace(spec: ExecutionSpec): boolean {
  return !spec.executionId.includes(SEPARATOR);
}

/** Each image once, in the order of the steps; at least one place. */
function imagesOf(spec: ExecutionSpec): readonly (string | null)[] {
  return spec.images.length === 0 ? [null] : [...new Set(spec.images)];
}

function numberOf(images: readonly (string | null)[], spec: ExecutionSpec, step: number): number {
  return Math.max(0, images.indexOf(spec.images[step] ?? null));
}

function placeId(executionId: string, number: number): string {
  return number === 0 ? executionId : `${executionId}${SEPARATOR}${number}`;
}
