import { CircuitBreaker, WaybillError, type Clock } from "@waybill/core";

/** One request to a forge's API. */
export interface ForgeRequest {
  readonly method: "GET" | "POST" | "PATCH";
  /** Parts of the path below the base address; each is encoded, so none can lead elsewhere. */
  readonly path: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

export interface ForgeResponse {
  readonly status: number;
  /** Parsed JSON; null where it is none. */
  readonly body: unknown;
}

export interface ForgeClientOptions {
  /** Of the API. Nothing else is ever called. */
  readonly baseUrl: string;
  readonly clock: Clock;
  readonly fetch?: typeof globalThis.fetch;
  /** Milliseconds for one request with its answer. Default: 10 s. */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 10_000;

/** Bytes of an answer that are read; a status is a few thousand. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/** Seconds of rest that a forge can ask for at most; more is a mistake, and everything would stand still. */
const MAX_REST_SECONDS = 3600;

/** Seconds of rest where a forge asks for one without saying how long. GitHub's advice. */
const DEFAULT_REST_SECONDS = 60;

/**
 * Calls one forge: within a time, with bounded answers, never following a redirect, and leaving it alone while it asks
 * for that or does not answer.
 *
 * Errors are coded and say whether trying again makes sense, see `isWorthAnotherTry`. They hold no header and no body
 * that was sent: tokens are in there.
 */
export class ForgeClient {
  readonly host: string;
  readonly #base: URL;
  readonly #clock: Clock;
  readonly #fetch: typeof globalThis.fetch;
  readonly #timeoutMs: number;
  readonly #breaker: CircuitBreaker;
  #restUntil = 0;

  /** @throws WaybillError `FORGE_SETTINGS_INVALID` */
  constructor(options: ForgeClientOptions) {
    this.#base = parseBase(options.baseUrl);
    this.host = this.#base.host;
    this.#clock = options.clock;
    this.#fetch = options.fetch ?? globalThis.fetch;
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#breaker = new CircuitBreaker({ name: this.host, clock: options.clock, isFailure: isTrouble });
  }

  /** Until when nothing is sent, in milliseconds since the epoch; the past where it may be. */
  get restUntil(): number {
    return Math.max(this.#restUntil, this.#clock.now() + this.#breaker.waitMs());
  }

  /**
   * @returns an answer with a status of 2xx
   * @throws WaybillError `FORGE_…`, or `CIRCUIT_OPEN`
   */
  async send(request: ForgeRequest): Promise<ForgeResponse> {
    const rest = this.#restUntil - this.#clock.now();
    if (rest > 0) throw this.#limited(Math.ceil(rest / 1000));
    return await this.#breaker.call(() => this.#exchange(request));
  }

  async #exchange(request: ForgeRequest): Promise<ForgeResponse> {
    const controller = new AbortController();
    const timer = this.#clock.setTimer(this.#timeoutMs, () => controller.abort());
    try {
      const response = await this.#fetch(this.#urlOf(request.path), {
        method: request.method,
        headers: {
          "user-agent": "waybill",
          ...(request.body === undefined ? {} : { "content-type": "application/json" }),
          ...request.headers,
        },
        ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
        redirect: "manual",
        signal: controller.signal,
      });
      return this.#judge(request, response, await readJson(response));
    } catch (error) {
      if (error instanceof WaybillError) throw error;
      const problem = controller.signal.aborted ? `no answer within ${this.#timeoutMs / 1000} s` : reasonOf(error);
      throw new WaybillError("FORGE_UNREACHABLE", { host: this.host, problem }, { cause: error });
    } finally {
      timer.cancel();
    }
  }

  #urlOf(path: readonly string[]): string {
    // A part that is `.` or `..` is no name of anything, and encoding leaves it as it is.
    if (path.some((part) => part === "" || part === "." || part === "..")) {
      throw new WaybillError("FORGE_SETTINGS_INVALID", { forge: this.host, problem: "a name in the address is empty" });
    }
    return `${this.#base.href.replace(/\/+$/, "")}/${path.map(encodeURIComponent).join("/")}`;
  }

  #judge({ method, path }: ForgeRequest, response: Response, body: unknown): ForgeResponse {
    const { status } = response;
    const what = { host: this.host, method, path: `/${path.join("/")}` };
    // What the platform calls opaque has status 0.
    if (status === 0 || (status >= 300 && status < 400)) throw new WaybillError("FORGE_REDIRECTED", what);
    const rest = restSeconds(response, body, this.#clock.now());
    if (rest !== null) {
      this.#restUntil = this.#clock.now() + rest * 1000;
      throw this.#limited(rest);
    }
    if (status >= 500 || status === 408) throw new WaybillError("FORGE_UNAVAILABLE", { ...what, status });
    if (status >= 400) {
      throw new WaybillError("FORGE_REFUSED", { ...what, status, problem: messageOf(body) });
    }
    return { status, body };
  }

  #limited(seconds: number): WaybillError {
    return new WaybillError("FORGE_LIMITED", { host: this.host, seconds });
  }
}

/** Whether a forge may take later what it does not take now. */
export function isWorthAnotherTry(error: unknown): boolean {
  if (!(error instanceof WaybillError)) return false;
  return ["FORGE_UNREACHABLE", "FORGE_UNAVAILABLE", "FORGE_LIMITED", "CIRCUIT_OPEN"].includes(error.code);
}

/** Failures that say something of the forge, and not of what it was asked. */
function isTrouble(error: unknown): boolean {
  return error instanceof WaybillError && ["FORGE_UNREACHABLE", "FORGE_UNAVAILABLE"].includes(error.code);
}

function parseBase(text: string): URL {
  const problem = baseProblem(text);
  if (problem !== null) throw new WaybillError("FORGE_SETTINGS_INVALID", { forge: "the forge", problem });
  return new URL(text);
}

function baseProblem(text: string): string | null {
  if (!URL.canParse(text)) return "the address of its API is none";
  const { protocol, username, password, search, hash } = new URL(text);
  if (protocol !== "https:" && protocol !== "http:") return "the address of its API is not one of http";
  if (username !== "" || password !== "") return "the address of its API holds a name or a password";
  return search === "" && hash === "" ? null : "the address of its API holds a query";
}

/** Seconds for which the forge wants to be left alone; null: it does not say so. */
function restSeconds(response: Response, body: unknown, now: number): number | null {
  const { status, headers } = response;
  if (status !== 403 && status !== 429) return null;
  const after = headers.get("retry-after");
  const isUsedUp = headers.get("x-ratelimit-remaining") === "0" || headers.get("ratelimit-remaining") === "0";
  // GitHub's secondary limits come with 403 and sometimes without any header.
  const isSecondary = status === 403 && /secondary rate limit|abuse detection/i.test(messageOf(body));
  if (status === 403 && after === null && !isUsedUp && !isSecondary) return null;
  const asked = secondsOf(after, now) ?? resetSeconds(headers, now) ?? DEFAULT_REST_SECONDS;
  return Math.min(Math.max(Math.ceil(asked), 1), MAX_REST_SECONDS);
}

/** `Retry-After`: seconds, or a date. */
function secondsOf(text: string | null, now: number): number | null {
  if (text === null) return null;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : (date - now) / 1000;
}

/** When the limit begins anew, in seconds since the epoch. */
function resetSeconds(headers: Headers, now: number): number | null {
  const reset = headers.get("x-ratelimit-reset") ?? headers.get("ratelimit-reset");
  return reset !== null && /^\d{1,12}$/.test(reset) ? Number(reset) - now / 1000 : null;
}

async function readJson(response: Response): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > MAX_ANSWER_BYTES) return null;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    return null;
  }
}

/** The forge's own words, in a line. */
function messageOf(body: unknown): string {
  const message = typeof body === "object" && body !== null && "message" in body ? body.message : null;
  const text = typeof message === "string" ? message : message === null ? "" : JSON.stringify(message);
  const line = text.replaceAll(/[\s\p{Cc}]+/gu, " ").trim();
  return line === "" ? "it does not say why" : line.slice(0, 200);
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : null;
  if (cause instanceof Error && "code" in cause && typeof cause.code === "string") return cause.code;
  return error instanceof Error ? error.name : "unknown";
}
