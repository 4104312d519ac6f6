import { WaybillError, type Clock } from "@waybill/core";
import * as z from "zod/mini";
import { readEvents, type StreamedEvent } from "./event-stream.ts";
import { serverProblem } from "./server-problem.ts";

export interface ApiClientOptions {
  /** As `serverUrl` makes it. */
  readonly url: string;
  /** Null: the server wants none. */
  readonly token: string | null;
  readonly clock: Clock;
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** From the request to the last byte of an answer that is no stream. */
const ANSWER_MS = 60_000;
/** Servers send something at least every 15 seconds. */
const SILENCE_MS = 45_000;
/** A server that is started anew is back by then. */
const RECONNECT_MS = 60_000;
const PAUSES_MS = [200, 500, 1_000];
const LONGEST_PAUSE_MS = 10_000;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/** What a proxy or a server says that is starting or ending. */
const PASSING: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/**
 * The API of a server. What reads, and what may be done twice because the server knows a repetition by its key, is tried
 * again where the server is out of reach for a moment.
 */
export class ApiClient {
  readonly url: string;
  readonly #token: string | null;
  readonly #clock: Clock;

  constructor({ url, token, clock }: ApiClientOptions) {
    this.url = url;
    this.#token = token;
    this.#clock = clock;
  }

  /** @throws WaybillError `SERVER_*`, or what the server says */
  async get<Schema extends z.ZodMiniType>(path: string, schema: Schema, query: Query = {}): Promise<z.infer<Schema>> {
    return await this.#patiently(
      async () => await this.#parsed(await this.#request("GET", path, { query }), schema, path),
    );
  }

  /**
   * Changes something, once however often it has to be sent. A DELETE is sent once: what has gone by the first would be
   * missed by the second.
   *
   * @throws WaybillError `SERVER_*`, or what the server says
   */
  async send<Schema extends z.ZodMiniType>(
    method: "POST" | "PUT" | "PATCH" | "DELETE",
    path: string,
    schema: Schema,
    body?: unknown,
    query: Query = {},
  ): Promise<z.infer<Schema>> {
    const key = globalThis.crypto.randomUUID();
    const request = async (): Promise<z.infer<Schema>> =>
      await this.#parsed(await this.#request(method, path, { body, query, key }), schema, path);
    return method === "DELETE" ? await request() : await this.#patiently(request);
  }

  /** The bytes of a file, as they come. */
  async *download(path: string): AsyncGenerator<Uint8Array> {
    const response = await this.#patiently(() => this.#request("GET", path, { accept: "*/*", isStream: true }));
    try {
      if (response.body !== null) yield* this.#unlessSilent(response.body);
    } catch (error) {
      throw error instanceof WaybillError ? error : this.#unreachable(error);
    }
  }

  /**
   * The events of a stream until its `end`. Where the connection breaks, the stream is resumed behind the last event that
   * arrived; a server that stays away for a minute ends it.
   *
   * @throws WaybillError `SERVER_UNREACHABLE`, or what the server says
   */
  async *events(path: string, query: Query = {}): AsyncGenerator<StreamedEvent> {
    let last = "";
    let lostAt: number | null = null;
    for (let pause = 0; ; pause += 1) {
      try {
        const headers: Record<string, string> = last === "" ? {} : { "last-event-id": last };
        const options = { query, headers, accept: "text/event-stream", isStream: true };
        const response = await this.#request("GET", path, options);
        for await (const event of readEvents(this.#unlessSilent(response.body ?? noBytes()))) {
          lostAt = null;
          pause = 0;
          if (event === "alive") continue;
          if (event.type === "end") return;
          if (event.id !== "") last = event.id;
          yield event;
        }
      } catch (error) {
        if (error instanceof WaybillError && !isPassing(error)) throw error;
        lostAt ??= this.#clock.monotonic();
        if (this.#clock.monotonic() - lostAt > RECONNECT_MS) {
          throw error instanceof WaybillError ? error : this.#unreachable(error);
        }
      }
      await this.#wait(PAUSES_MS[Math.min(pause, PAUSES_MS.length - 1)] ?? 0);
    }
  }

  async #patiently<Answer>(request: () => Promise<Answer>): Promise<Answer> {
    for (const pause of PAUSES_MS) {
      try {
        return await request();
      } catch (error) {
        if (!isPassing(error)) throw error;
        await this.#wait(retryAfter(error) ?? pause);
      }
    }
    return await request();
  }

  async #request(
    method: string,
    path: string,
    options: {
      readonly query?: Query;
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
      readonly accept?: string;
      readonly key?: string;
      /** The answer may take as long as it likes. */
      readonly isStream?: boolean;
    },
  ): Promise<Response> {
    const { query = {}, body, headers = {}, accept = "application/json", key, isStream = false } = options;
    const url = new URL(this.url + path);
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, String(value));
    const late = new AbortController();
    const timer = this.#clock.setTimer(ANSWER_MS, () => late.abort(new Error("it took too long to answer")));
    let response: Response;
    try {
      response = await fetch(url, {
        method,
        headers: {
          accept,
          ...(this.#token === null ? {} : { authorization: `Bearer ${this.#token}` }),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(key === undefined ? {} : { "idempotency-key": key }),
          ...headers,
        },
        // A token goes to the server it is for, and nowhere that one may point to.
        redirect: "manual",
        signal: isStream ? late.signal : AbortSignal.any([late.signal, AbortSignal.timeout(ANSWER_MS)]),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (error) {
      throw this.#unreachable(late.signal.aborted ? late.signal.reason : error);
    } finally {
      timer.cancel();
    }
    if (response.ok) return response;
    if (response.status >= 300 && response.status < 400) {
      const to = response.headers.get("location") ?? "nowhere";
      const remedy = "Use the address that it is really at.";
      throw new WaybillError("SERVER_REFUSED", { status: response.status, detail: `it redirects to ${to}`, remedy });
    }
    const problem = serverProblem(response.status, jsonOf(await this.#textOf(response)));
    throw Object.assign(problem, {
      // The one before, whose answer was lost, is still being carried out.
      passing: PASSING.has(response.status) || problem.code === "IDEMPOTENCY_UNDER_WAY",
      retryAfterMs: retryAfterOf(response),
    });
  }

  async #parsed<Schema extends z.ZodMiniType>(
    response: Response,
    schema: Schema,
    path: string,
  ): Promise<z.infer<Schema>> {
    const text = await this.#textOf(response);
    const parsed = z.safeParse(schema, text === "" ? null : jsonOf(text));
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    const problem = `${[path, ...(issue?.path.map(String) ?? [])].join(" ")}: ${issue?.message ?? ""}`;
    throw new WaybillError("SERVER_ANSWER_INVALID", { url: this.url, problem });
  }

  async #textOf(response: Response): Promise<string> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    try {
      for await (const chunk of response.body ?? noBytes()) {
        size += chunk.length;
        if (size > MAX_ANSWER_BYTES) break;
        chunks.push(chunk);
      }
    } catch (error) {
      throw this.#unreachable(error);
    }
    if (size <= MAX_ANSWER_BYTES) return Buffer.concat(chunks).toString();
    throw new WaybillError("SERVER_ANSWER_INVALID", { url: this.url, problem: "it is too large" });
  }

  /** Ends a stream that nothing comes from any more: a connection can be dead without a word. */
  async *#unlessSilent(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const chunks = body[Symbol.asyncIterator]();
    try {
      for (;;) {
        const silence = Promise.withResolvers<never>();
        const timer = this.#clock.setTimer(SILENCE_MS, () => silence.reject(new Error("it has gone silent")));
        try {
          const next = await Promise.race([chunks.next(), silence.promise]);
          if (next.done === true) return;
          yield next.value;
        } finally {
          timer.cancel();
        }
      }
    } finally {
      // Not waited for: what is silent may never answer.
      void Promise.resolve(chunks.return?.()).catch(() => undefined);
    }
  }

  #unreachable(error: unknown): WaybillError {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    // Refused at every address of a name, it has no message of its own.
    const first: unknown = cause instanceof AggregateError ? cause.errors[0] : cause;
    const detail = first instanceof Error ? first.message : String(first);
    const failure = new WaybillError("SERVER_UNREACHABLE", { url: this.url, detail }, { cause: error });
    return Object.assign(failure, { passing: true });
  }

  async #wait(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => this.#clock.setTimer(milliseconds, resolve));
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof Error && "passing" in error && error.passing === true;
}

function retryAfter(error: unknown): number | null {
  return error instanceof Error && "retryAfterMs" in error && typeof error.retryAfterMs === "number"
    ? error.retryAfterMs
    : null;
}

function retryAfterOf(response: Response): number | null {
  const seconds = response.headers.get("retry-after") ?? "";
  return /^\d{1,4}$/.test(seconds) ? Math.min(Number(seconds) * 1_000, LONGEST_PAUSE_MS) : null;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

async function* noBytes(): AsyncGenerator<Uint8Array> {
  // An answer without a body.
}
