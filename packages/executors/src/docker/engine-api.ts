import { WaybillError } from "@waybill/core";
import { Agent, request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import type { Duplex } from "node:stream";
import { systemErrorCode } from "../files/hostile-file.ts";
import { describeAddress, type DaemonAddress } from "./daemon-address.ts";

/** Answers are read up to here: the longest by far is a list of all containers. */
const MAX_ANSWER_BYTES = 16_000_000;
/** A busy machine takes seconds to start a container; nothing takes minutes. Pulls have a limit of their own. */
const CALL_TIMEOUT_MS = 120_000;
/** Versions of the API that were read; a daemon with a newer one speaks these too. 1.41 came with Docker 20.10. */
const OLDEST_VERSION = 41;
const NEWEST_VERSION = 51;

/** The daemon's refusal of a call. */
export class EngineRefusal extends WaybillError<"DOCKER_REFUSED"> {
  readonly status: number;
  /** The daemon's own words. */
  readonly detail: string;

  constructor(status: number, detail: string) {
    super("DOCKER_REFUSED", { detail });
    this.status = status;
    this.detail = detail;
  }
}

export interface EngineCall {
  readonly method: "GET" | "POST" | "DELETE";
  /** Below the version, with a leading slash. Ids, names and references in it are escaped. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/**
 * Docker's Engine API over its socket: the handful of calls that are needed, each bounded in time and size. A
 * connection is made for each call (microseconds on a socket of this machine), so a daemon that was restarted is no
 * special case.
 */
export class EngineApi {
  readonly #address: DaemonAddress;
  readonly #agent = new Agent({ keepAlive: false });
  #version: Promise<string> | null = null;

  constructor(address: DaemonAddress) {
    this.#address = address;
  }

  /**
   * The version of the API both sides speak, `1.41` for example. Asked once.
   * @throws WaybillError `DOCKER_UNAVAILABLE`, `DOCKER_UNSUPPORTED`
   */
  async version(): Promise<string> {
    this.#version ??= this.#negotiate();
    try {
      return await this.#version;
    } catch (error) {
      this.#version = null;
      throw error;
    }
  }

  /**
   * The answer of a call as JSON; null: it is empty.
   * @throws EngineRefusal; WaybillError `DOCKER_UNAVAILABLE`
   */
  async call(call: EngineCall): Promise<unknown> {
    const timeout = AbortSignal.timeout(CALL_TIMEOUT_MS);
    const signal = call.signal === undefined ? timeout : AbortSignal.any([call.signal, timeout]);
    const response = await this.open({ ...call, signal });
    const text = await readText(response);
    return text === "" ? null : JSON.parse(text);
  }

  /** The answer of a call as it comes; the caller reads it to its end or destroys it. */
  async open(call: EngineCall): Promise<IncomingMessage> {
    const path = await this.#pathOf(call);
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const headers = { ...call.headers, ...(body === undefined ? {} : { "Content-Type": "application/json" }) };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = this.#request(call.method, path, headers, call.signal);
      request.once("response", resolve);
      request.once("error", (error) => reject(this.#failure(error, call.signal)));
      request.end(body);
    });
    const status = response.statusCode ?? 0;
    if (status >= 400) throw new EngineRefusal(status, messageOf(await readText(response)));
    return response;
  }

  /** A connection of its own that a call is turned into: the input and output of a container or a command in it. */
  async hijack(call: EngineCall): Promise<Duplex> {
    const path = await this.#pathOf(call);
    const body = call.body === undefined ? "" : JSON.stringify(call.body);
    const headers = {
      Connection: "Upgrade",
      Upgrade: "tcp",
      "Content-Type": "application/json",
      "Content-Length": Buffer.byteLength(body),
    };
    return await new Promise<Duplex>((resolve, reject) => {
      const request = this.#request(call.method, path, headers, call.signal);
      request.once("upgrade", (_, socket: Duplex, head: Buffer) => {
        if (head.length > 0) socket.unshift(head);
        resolve(socket);
      });
      request.once("response", (response) => {
        readText(response).then(
          (text) => reject(new EngineRefusal(response.statusCode ?? 0, messageOf(text))),
          (error: unknown) => reject(error as Error),
        );
      });
      request.once("error", (error) => reject(this.#failure(error, call.signal)));
      request.end(body);
    });
  }

  #request(
    method: string,
    path: string,
    headers: OutgoingHttpHeaders,
    signal: AbortSignal | undefined,
  ): ReturnType<typeof httpRequest> {
    const base = { ...this.#address, agent: this.#agent, method, path, headers };
    return httpRequest(signal === undefined ? base : { ...base, signal });
  }

  async #pathOf(call: EngineCall): Promise<string> {
    const query = call.query === undefined ? "" : `?${new URLSearchParams(call.query).toString()}`;
    return `/v${await this.version()}${call.path}${query}`;
  }

  async #negotiate(): Promise<string> {
    const signal = AbortSignal.timeout(CALL_TIMEOUT_MS);
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = this.#request("GET", "/_ping", {}, signal);
      request.once("response", resolve);
      request.once("error", (error) => reject(this.#failure(error, signal)));
      request.end();
    });
    await readText(response);
    const version = response.headers["api-version"];
    const minor = /^1\.(\d{1,3})$/.exec(typeof version === "string" ? version : "")?.[1];
    const address = describeAddress(this.#address);
    if (minor === undefined) {
      const detail = "what listens there does not answer as a Docker daemon does";
      throw new WaybillError("DOCKER_UNAVAILABLE", { address, detail });
    }
    if (Number(minor) < OLDEST_VERSION) {
      const detail = `its API is 1.${minor}; 1.${OLDEST_VERSION} (Docker 20.10) is the oldest that will do`;
      throw new WaybillError("DOCKER_UNSUPPORTED", { detail });
    }
    return `1.${Math.min(Number(minor), NEWEST_VERSION)}`;
  }

  #failure(error: Error, signal: AbortSignal | undefined): Error {
    if (signal?.aborted === true && (signal.reason as Error).name !== "TimeoutError") return error;
    const detail = signal?.aborted === true ? "it does not answer" : connectionProblem(error);
    return new WaybillError(
      "DOCKER_UNAVAILABLE",
      { address: describeAddress(this.#address), detail },
      { cause: error },
    );
  }
}

export function isRefusal(error: unknown, status: number): error is EngineRefusal {
  return error instanceof EngineRefusal && error.status === status;
}

function connectionProblem(error: Error): string {
  const code = systemErrorCode(error);
  switch (code) {
    case "ENOENT":
      return "there is no such socket, so it is not running or listens elsewhere";
    case "EACCES":
    case "EPERM":
      return "this user may not use the socket";
    case "ECONNREFUSED":
      return "nobody listens there: the daemon is not running";
    default:
      return `the connection broke (${code === "" ? error.message : code})`;
  }
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw new EngineRefusal(0, "The answer is too long.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function messageOf(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    if (typeof message === "string") return message.trim();
  } catch {
    // An intermediary answered.
  }
  return text.slice(0, 1000).trim();
}
