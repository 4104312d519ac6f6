/** One line of what the daemon says while it fetches an image. */
export interface PullEvent {
  readonly status?: string | undefined;
  readonly id?: string | undefined;
  readonly progressDetail?: { readonly current?: number | undefined; readonly total?: number | undefined } | undefined;
  readonly error?: string | undefined;
}

interface Layer {
  current: number;
  total: number;
  isDone: boolean;
}

/** More layers than this no image has; what says otherwise is not counted. */
const MAX_LAYERS = 1000;

/** How far a pull has come, added up over its layers. */
export class PullProgress {
  readonly #layers = new Map<string, Layer>();
  #digest: string | null = null;

  add(event: PullEvent): void {
    const { id, status = "" } = event;
    this.#digest ??= /^Digest: (sha256:[0-9a-f]{64})$/.exec(status)?.[1] ?? null;
    if (id === undefined || status.startsWith("Pulling from")) return;
    let layer = this.#layers.get(id);
    if (layer === undefined) {
      if (this.#layers.size >= MAX_LAYERS) return;
      layer = { current: 0, total: 0, isDone: false };
      this.#layers.set(id, layer);
    }
    if (status === "Downloading") {
      layer.current = event.progressDetail?.current ?? layer.current;
      layer.total = event.progressDetail?.total ?? layer.total;
    } else if (status === "Download complete" || status === "Extracting") {
      layer.current = layer.total;
    } else if (status === "Pull complete" || status === "Already exists") {
      layer.current = layer.total;
      layer.isDone = true;
    }
  }

  /** `sha256:…` of what the registry has under the name; null: it has not said yet. */
  get digest(): string | null {
    return this.#digest;
  }

  /** For people: `2 of 7 layers, 12.5 of 80.0 MB`. */
  toString(): string {
    const layers = [...this.#layers.values()];
    const sum = (of: (layer: Layer) => number): number => layers.reduce((total, layer) => total + of(layer), 0);
    const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
    const done = sum((layer) => (layer.isDone ? 1 : 0));
    return `${done} of ${layers.length} layers, ${megabytes(sum((l) => l.current))} of ${megabytes(sum((l) => l.total))} MB`;
  }
}
