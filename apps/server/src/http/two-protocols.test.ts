import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { once, type EventEmitter } from "node:events";
import { connect as connectHttp2, constants, type ClientHttp2Session, type OutgoingHttpHeaders } from "node:http2";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { openTestServer, type TestServer } from "../testing/test-server.ts";

const TIMEOUT_MS = 1_000;
const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

let root: string;
let server: TestServer;

beforeAll(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "waybill-http2-")));
  server = await openTestServer(join(root, "data"), {}, {}, { requestTimeoutMs: TIMEOUT_MS });
});

afterAll(async () => {
  await server.close();
  rmSync(root, { recursive: true, force: true });
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
  /** Of RST_STREAM; 0: it ended in order. */
  readonly reset: number;
}

function openSession(url = server.url): ClientHttp2Session {
  const session = connectHttp2(url);
  // What ends a session is seen by its end.
  session.on("error", () => undefined);
  onTestFinished(() => session.destroy());
  return session;
}

async function ask(session: ClientHttp2Session, headers: OutgoingHttpHeaders, body?: Buffer): Promise<Answer> {
  const stream = session.request(
    { authorization: `Bearer ${server.token}`, ...headers },
    { endStream: body === undefined },
  );
  let answered: Readonly<Record<string, unknown>> = {};
  const chunks: Buffer[] = [];
  stream.on("response", (given) => (answered = { ...given }));
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  stream.on("error", () => undefined);
  if (body !== undefined) stream.end(body);
  await closeOf(stream);
  const text = Buffer.concat(chunks).toString();
  return { status: Number(answered[":status"] ?? 0), headers: answered, text, reset: stream.rstCode ?? 0 };
}

/** As `once`, for what may end with an error. */
async function closeOf(emitter: EventEmitter): Promise<void> {
  emitter.on("error", () => undefined);
  await new Promise<void>((resolve) => emitter.once("close", () => resolve()));
}

/** What the server writes to a connection, until it ends it. */
function rawConnection(): { readonly socket: Socket; readonly ended: Promise<Buffer> } {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  const ended = closeOf(socket).then(() => Buffer.concat(chunks));
  onTestFinished(() => void socket.destroy());
  return { socket, ended };
}

function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

const SETTINGS = frame(4, 0, 0);
const HEADERS = 1;
const CONTINUATION = 9;

describe("requests over HTTP/2", () => {
  test("are answered on the port of HTTP/1.1, many at once, with the same checks and headers", async () => {
    const session = openSession();
    const [health, none, nobody, made] = await Promise.all([
      ask(session, { ":path": "/health" }),
      ask(session, { ":path": "/v1/nothing" }),
      ask(session, { ":path": "/v1/projects", authorization: "Bearer wbm_none" }),
      ask(
        session,
        { ":path": "/v1/projects", ":method": "POST", "content-type": "application/json" },
        Buffer.from('{"name":"shop"}'),
      ),
    ]);
    expect([health.status, none.status, nobody.status, made.status]).toEqual([200, 404, 401, 201]);
    expect(JSON.parse(nobody.text)).toMatchObject({ code: expect.stringMatching(/^(AUTH|TOKEN)_/) as string });
    expect(made.headers["x-content-type-options"]).toBe("nosniff");
    expect(made.headers["x-request-id"]).toMatch(/^[\w-]+$/);
    expect(await (await server.get("/v1/projects")).json()).toMatchObject({ items: [{ name: "shop" }] });
  });

  test("that came in pieces are told from others, whatever the pieces", async () => {
    const { socket } = rawConnection();
    const answer = once(socket, "data");
    for (const byte of Buffer.from(PREFACE)) {
      socket.write(Buffer.from([byte]));
      await setTimeout(1);
    }
    socket.write(SETTINGS);
    // A frame of settings is the first that a server sends.
    expect(((await answer)[0] as Buffer)[3]).toBe(4);
    const old = rawConnection();
    for (const byte of Buffer.from("PRI * HTTP/1.1\r\nhost: w\r\nconnection: close\r\n\r\n")) {
      old.socket.write(Buffer.from([byte]));
      await setTimeout(1);
    }
    expect((await old.ended).toString()).toMatch(/^HTTP\/1\.1 400 /);
  });

  test("end with the server: what is under way is answered, and no other is taken", async () => {
    const other = await openTestServer(join(root, "other"));
    const session = openSession(other.url);
    const authorization = `Bearer ${other.token}`;
    const followed = ask(session, { ":path": "/v1/events", authorization });
    expect((await ask(session, { ":path": "/health" })).status).toBe(200);
    const idle = openSession(other.url);
    await once(idle, "connect");
    const { hostname, port } = new URL(other.url);
    const silent = connect(Number(port), hostname);
    await once(silent, "connect");
    silent.write("PRI ");
    const gone = [session, idle, silent].map(closeOf);
    const startedAt = performance.now();
    await other.close();
    expect(await followed).toMatchObject({ status: 200, reset: 0 });
    await Promise.all(gone);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});

describe("what is wrong over HTTP/2", () => {
  test("garbage behind the preface", async () => {
    for (const garbage of [
      Buffer.from("GET / HTTP/1.1\r\nhost: w\r\n\r\n"),
      Buffer.alloc(100_000, 0xff),
      Buffer.concat([SETTINGS, frame(0, 0, 0, Buffer.from("data of no stream"))]),
      Buffer.concat([SETTINGS, frame(HEADERS, 5, 1, Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]))]),
      Buffer.concat([SETTINGS, frame(HEADERS, 5, 2, Buffer.from([0x82]))]),
      Buffer.concat([SETTINGS, frame(4, 0, 0, Buffer.from([0, 4, 0xff, 0xff, 0xff, 0xff]))]),
    ]) {
      const { socket, ended } = rawConnection();
      socket.write(Buffer.concat([Buffer.from(PREFACE), garbage]));
      const text = (await ended).toString("latin1");
      expect(text).not.toContain("HTTP/1.1");
    }
    expect((await server.get("/health")).status).toBe(200);
    expect(server.logged).toEqual([]);
  });

  test("a preface that never ends, and one behind which nothing comes", async () => {
    const startedAt = performance.now();
    const begun = rawConnection();
    begun.socket.write("PRI * HT");
    const nothing = rawConnection();
    nothing.socket.write(PREFACE);
    const endless = rawConnection();
    endless.socket.write(Buffer.concat([Buffer.from(PREFACE), SETTINGS, frame(HEADERS, 0, 1, Buffer.from([0x82]))]));
    const dripping = setInterval(() => endless.socket.write(frame(CONTINUATION, 0, 1)), 100);
    onTestFinished(() => clearInterval(dripping));
    expect((await begun.ended).toString()).toMatch(/^HTTP\/1\.1 408 /);
    await nothing.ended;
    await endless.ended;
    expect(performance.now() - startedAt).toBeLessThan(3 * TIMEOUT_MS);
  });

  test("a body that never ends", async () => {
    const session = openSession();
    const stream = session.request({
      ":method": "POST",
      ":path": "/v1/projects",
      "content-type": "application/json",
      authorization: `Bearer ${server.token}`,
    });
    const closed = closeOf(stream);
    const startedAt = performance.now();
    const dripping = setInterval(() => stream.writable && stream.write("x"), 50);
    onTestFinished(() => clearInterval(dripping));
    await closed;
    expect(stream.rstCode).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    expect(performance.now() - startedAt).toBeLessThan(3 * TIMEOUT_MS);
    expect((await ask(session, { ":path": "/health" })).status).toBe(200);
  });

  test("headers and bodies that are too large", async () => {
    // Before and after the client has confirmed how large they may be.
    const session = openSession();
    const large = { ":path": "/health", "x-a": "x".repeat(20_000) };
    for (let n = 0; n < 2; n += 1) {
      expect(await ask(session, large)).toMatchObject({ status: 0, reset: constants.NGHTTP2_ENHANCE_YOUR_CALM });
    }
    expect((await ask(session, { ":path": "/health" })).status).toBe(200);
    const post = { ":method": "POST", ":path": "/v1/projects", "content-type": "application/json" };
    const body = await ask(openSession(), post, Buffer.alloc(2 * 1024 * 1024, "x"));
    expect(body.status).toBe(413);
    expect(body.text).toContain("API_BODY_TOO_LARGE");
  });

  test("methods, paths and headers that only HTTP/2 can carry", async () => {
    const session = openSession();
    const answers = await Promise.all([
      ask(session, { ":method": "CONNECT", ":authority": "169.254.169.254:80" }),
      ask(session, { ":path": "*", ":method": "OPTIONS" }),
      ask(session, { ":path": "http://169.254.169.254/latest" }),
      ask(session, { ":path": "/v1/projects/..%2f..%2fetc", ":authority": "x y" }),
      ask(session, { ":path": "/v1/%ff" }),
    ]);
    for (const { status, reset } of answers) {
      expect(reset !== 0 || (status >= 400 && status < 500)).toBe(true);
    }
    expect(server.logged).toEqual([]);
  });

  test("thousands of requests that are called off at once end the connection, and hold nobody else up", async () => {
    const session = openSession();
    await once(session, "connect");
    const closed = closeOf(session);
    let sent = 0;
    const goaway = new Promise<number>((resolve) => session.once("goaway", resolve));
    for (; sent < 5_000 && !session.destroyed && !session.closed; sent += 1) {
      const stream = session.request({ ":path": "/v1/projects", authorization: `Bearer ${server.token}` });
      stream.on("error", () => undefined);
      stream.close(constants.NGHTTP2_CANCEL);
      if (sent % 100 === 99) await setTimeout(1);
    }
    await closed;
    expect(await goaway).not.toBe(constants.NGHTTP2_NO_ERROR);
    expect(sent).toBeLessThan(2_000);
    const startedAt = performance.now();
    expect((await server.get("/health")).status).toBe(200);
    expect(performance.now() - startedAt).toBeLessThan(TIMEOUT_MS);
    expect(server.logged).toEqual([]);
  });

  test("more requests at once than a connection may have wait or are refused", async () => {
    const session = openSession();
    await once(session, "remoteSettings");
    expect(session.remoteSettings).toMatchObject({ maxConcurrentStreams: 100, maxHeaderListSize: 16_384 });
    const answers = await Promise.all(Array.from({ length: 300 }, () => ask(session, { ":path": "/health" })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });
});
