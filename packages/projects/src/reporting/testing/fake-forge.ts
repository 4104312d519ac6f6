import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  readonly method: string;
  /** As it was sent, encoded. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Nothing is ever answered. */
  readonly hangs?: boolean;
}

export interface FakeForge {
  readonly url: string;
  readonly received: readonly Received[];
  /** What is wrong with the requests so far; a test expects nothing here. */
  readonly complaints: readonly string[];
  /** Given before the protocol is looked at, one for each request. */
  readonly answers: Answer[];
  close(): Promise<void>;
}

/**
 * A server that speaks a forge's protocol, and complains of everything that the real one does not document.
 *
 * @param answer the protocol: throws for what it does not know
 */
export async function fakeForge(answer: (request: Received) => Answer): Promise<FakeForge> {
  const received: Received[] = [];
  const complaints: string[] = [];
  const answers: Answer[] = [];
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => void chunks.push(chunk));
    incoming.on("end", () => {
      const text = Buffer.concat(chunks).toString();
      const body: unknown = text === "" ? undefined : JSON.parse(text);
      const request = { method: incoming.method ?? "", path: incoming.url ?? "", headers: incoming.headers, body };
      received.push(request);
      const given = answers.shift() ?? attempt(request);
      if (given.hangs === true) return;
      outgoing.writeHead(given.status, { "content-type": "application/json", ...given.headers });
      outgoing.end(typeof given.body === "string" ? given.body : JSON.stringify(given.body ?? {}));
    });
  });
  function attempt(request: Received): Answer {
    try {
      return answer(request);
    } catch (error) {
      complaints.push(`${request.method} ${request.path}: ${String(error)}`);
      return { status: 422, body: { message: String(error) } };
    }
  }
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    complaints,
    answers,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}

/** Fails unless a value is an object with these fields, all of them text unless a test is given, and no others. */
export function requireFields(
  value: unknown,
  required: readonly string[],
  optional: readonly string[],
): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) throw new Error("the body is no object");
  const fields = value as Readonly<Record<string, unknown>>;
  for (const name of required) if (fields[name] === undefined) throw new Error(`${name} is missing`);
  const unknown = Object.keys(fields).filter((name) => ![...required, ...optional].includes(name));
  if (unknown.length > 0) throw new Error(`unknown: ${unknown.join(", ")}`);
  return fields;
}

export function requireOneOf(value: unknown, allowed: readonly string[]): void {
  if (typeof value !== "string" || !allowed.includes(value)) throw new Error(`${String(value)} is not allowed`);
}

export function requireText(value: unknown, limit: number): void {
  if (typeof value !== "string" || value.length > limit) throw new Error(`a text is longer than ${limit}`);
}
