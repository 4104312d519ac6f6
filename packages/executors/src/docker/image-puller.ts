import { WaybillError, type Clock, type Random } from "@waybill/core";
import type { JobPlace } from "@waybill/engine";
import * as z from "zod/mini";
import { EngineRefusal, isRefusal, type EngineApi } from "./engine-api.ts";
import { parseImageReference, type ImageReference } from "./image-reference.ts";
import { PullProgress, type PullEvent } from "./pull-progress.ts";
import { registryAuthentication } from "./registry-credentials.ts";

/** A pull that says nothing for this long is given up. */
const SILENCE_MS = 300_000;
const ATTEMPTS = 3;
const FIRST_DELAY_MS = 1000;
/** People are told how far a pull is this often. */
const NOTICE_INTERVAL_MS = 5000;
/** Longer lines are not the daemon's. */
const MAX_LINE = 65_536;

const eventSchema = z.object({
  status: z.optional(z.string()),
  id: z.optional(z.string()),
  progressDetail: z.optional(z.object({ current: z.optional(z.number()), total: z.optional(z.number()) })),
  error: z.optional(z.string()),
});

/**
 * Calls an outside service (`registry:ghcr.io`, `docker`), or refuses at once while it is known to be down. The place
 * for a circuit breaker.
 */
export type ServiceGuard = <Result>(service: string, call: () => Promise<Result>) => Promise<Result>;

export interface ImagePullerOptions {
  readonly api: EngineApi;
  readonly clock: Clock;
  readonly random: Random;
  /** Of Waybill: where credentials for registries are. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly guard: ServiceGuard;
}

export interface ImageRequest {
  readonly image: string;
  readonly policy: JobPlace["pullPolicy"];
  readonly signal: AbortSignal;
  readonly notice: (text: string) => void;
}

interface Pull {
  readonly done: Promise<void>;
  readonly listeners: Set<(text: string) => void>;
  readonly abort: AbortController;
}

/** Gets images onto this machine. Many that wait for one image share one pull; it ends when none waits any more. */
export class ImagePuller {
  readonly #options: ImagePullerOptions;
  readonly #pulls = new Map<string, Pull>();

  constructor(options: ImagePullerOptions) {
    this.#options = options;
  }

  /**
   * @returns the id of the image on this machine
   * @throws WaybillError `IMAGE_INVALID`, `IMAGE_MISSING`, `IMAGE_NOT_FOUND`, `IMAGE_PULL_DENIED`, `IMAGE_PULL_FAILED`,
   *   `REGISTRY_CREDENTIALS_FAILED`
   */
  async get(request: ImageRequest): Promise<string> {
    const { image, policy, notice } = request;
    const reference = parseImageReference(image);
    const cached = await this.#find(image);
    if (cached !== null && policy !== "always") return cached;
    if (policy === "never") throw new WaybillError("IMAGE_MISSING", { image });
    try {
      await this.#share(image, reference, request);
    } catch (error) {
      const isTransient = error instanceof WaybillError && error.code === "IMAGE_PULL_FAILED";
      if (cached === null || !isTransient || request.signal.aborted) throw error;
      notice(`${error.message} Going on with the copy of "${image}" that this machine has, ${cached.slice(0, 19)}.`);
      return cached;
    }
    const pulled = await this.#find(image);
    if (pulled === null) {
      throw new WaybillError("IMAGE_PULL_FAILED", { image, detail: "it was removed just after it was fetched" });
    }
    return pulled;
  }

  /** The id of an image this machine has; null: it has none of that name. */
  async #find(image: string): Promise<string | null> {
    try {
      const path = `/images/${encodeURIComponent(image)}/json`;
      return ((await this.#options.api.call({ method: "GET", path })) as { readonly Id: string }).Id;
    } catch (error) {
      if (isRefusal(error, 404)) return null;
      throw error;
    }
  }

  async #share(image: string, reference: ImageReference, request: ImageRequest): Promise<void> {
    const { signal, notice } = request;
    signal.throwIfAborted();
    let pull = this.#pulls.get(image);
    if (pull === undefined) {
      const listeners = new Set<(text: string) => void>();
      const abort = new AbortController();
      const tell = (text: string): void => listeners.forEach((listener) => listener(text));
      const done = this.#pull(image, reference, tell, abort.signal).finally(() => this.#pulls.delete(image));
      // Whoever waits has it; when nobody does any more, nobody needs it.
      done.catch(() => undefined);
      pull = { done, listeners, abort };
      this.#pulls.set(image, pull);
    }
    const { done, listeners, abort } = pull;
    const listener = (text: string): void => notice(text);
    listeners.add(listener);
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const onAbort = (): void => reject(signal.reason as Error);
    signal.addEventListener("abort", onAbort);
    try {
      await Promise.race([done, aborted]);
    } finally {
      signal.removeEventListener("abort", onAbort);
      listeners.delete(listener);
      if (listeners.size === 0) {
        abort.abort();
        if (this.#pulls.get(image) === pull) this.#pulls.delete(image);
      }
    }
  }

  async #pull(
    image: string,
    reference: ImageReference,
    tell: (text: string) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const { guard, random } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await guard(`registry:${reference.registry}`, () => this.#pullOnce(image, reference, tell, signal));
      } catch (error) {
        const isTransient = error instanceof WaybillError && error.code === "IMAGE_PULL_FAILED";
        if (signal.aborted || !isTransient || attempt === ATTEMPTS) throw error;
        const delayMs = FIRST_DELAY_MS * 2 ** (attempt - 1) * (0.5 + random.next() / 2);
        tell(`${error.message} Trying again in ${(delayMs / 1000).toFixed(1)} s (attempt ${attempt} of ${ATTEMPTS}).`);
        await this.#delay(delayMs, signal);
      }
    }
  }

  async #pullOnce(
    image: string,
    reference: ImageReference,
    tell: (text: string) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const { api, clock, environment } = this.#options;
    const authentication = await registryAuthentication(reference.registry, environment);
    const silence = new AbortController();
    const silent = (): void => silence.abort(new WaybillError("IMAGE_PULL_FAILED", { image, detail: SILENT }));
    let timer = clock.setTimer(SILENCE_MS, silent);
    const startedAt = clock.now();
    let noticedAt = startedAt;
    const progress = new PullProgress();
    tell(`Fetching image "${image}"`);
    try {
      const response = await api.open({
        method: "POST",
        path: "/images/create",
        query: { fromImage: reference.name, tag: reference.version },
        headers: authentication === null ? {} : { "X-Registry-Auth": authentication },
        signal: AbortSignal.any([signal, silence.signal]),
      });
      for await (const event of events(response)) {
        timer.cancel();
        timer = clock.setTimer(SILENCE_MS, silent);
        if (event.error !== undefined) throw pullFailure(image, event.error);
        progress.add(event);
        if (clock.now() - noticedAt < NOTICE_INTERVAL_MS) continue;
        noticedAt = clock.now();
        tell(`Fetching image "${image}": ${progress.toString()}`);
      }
    } catch (error) {
      if (silence.signal.aborted) throw silence.signal.reason;
      if (error instanceof EngineRefusal) throw pullFailure(image, error.detail);
      throw error;
    } finally {
      timer.cancel();
    }
    const seconds = ((clock.now() - startedAt) / 1000).toFixed(1);
    const digest = progress.digest === null ? "" : `, ${progress.digest}`;
    tell(`Fetched image "${image}"${digest}: ${progress.toString()} in ${seconds} s`);
  }

  async #delay(delayMs: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#options.clock.setTimer(delayMs, resolve);
    const onAbort = (): void => resolve();
    signal.addEventListener("abort", onAbort);
    await promise;
    timer.cancel();
    signal.removeEventListener("abort", onAbort);
    signal.throwIfAborted();
  }
}

const SILENT = `nothing came for ${SILENCE_MS / 1000} s`;

async function* events(response: AsyncIterable<Buffer>): AsyncGenerator<PullEvent, void, void> {
  let rest = "";
  for await (const chunk of response) {
    const lines = (rest + chunk.toString("utf8")).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > MAX_LINE) rest = "";
    for (const line of lines) {
      const parsed = z.safeParse(eventSchema, parseJson(line));
      if (parsed.success) yield parsed.data;
    }
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/** The daemon passes the registry's words on as text alone, so text is what tells what may help from what cannot. */
function pullFailure(image: string, message: string): WaybillError {
  const detail = message.replaceAll(/\s+/g, " ").slice(0, 500);
  if (/denied|unauthorized|authentication required|no basic auth|forbidden|incorrect username/i.test(detail)) {
    return new WaybillError("IMAGE_PULL_DENIED", { image, detail });
  }
  if (
    /manifest unknown|manifest for .* not found|not found: manifest|name unknown|no matching manifest/i.test(detail)
  ) {
    return new WaybillError("IMAGE_NOT_FOUND", { image, detail });
  }
  return new WaybillError("IMAGE_PULL_FAILED", { image, detail });
}
