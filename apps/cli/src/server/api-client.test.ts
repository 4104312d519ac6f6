import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { systemClock } from "@waybill/core";
import { expect, onTestFinished, test } from "vitest";
import * as z from "zod/mini";
import { ApiClient } from "./api-client.ts";

type Handler = (request: IncomingMessage, response: ServerResponse, count: number) => void;

/** A server that answers as told; `count` is the number of the request, from 1. */
async function client(handler: Handler, token: string | null = null): Promise<ApiClient & { server: Server }> {
  let count = 0;
  const server = createServer((request, response) => handler(request, response, (count += 1)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(new ApiClient({ url, token, clock: systemClock }), { server });
}

const answer = z.object({ ok: z.boolean() });

function json(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

test("what reads is tried again where the server is away for a moment", async () => {
  const seen: unknown[] = [];
  const api = await client((request, response, count) => {
    seen.push(request.headers.authorization);
    if (count === 1) request.socket.destroy();
    else if (count === 2) json(response, 503, { code: "API_SHUTTING_DOWN", detail: "ending" }, { "retry-after": "0" });
    else json(response, 200, { ok: true });
  }, "wbp_0123456789abcdef");
  expect(await api.get("/x", answer)).toEqual({ ok: true });
  expect(seen).toEqual(Array.from({ length: 3 }, () => "Bearer wbp_0123456789abcdef"));
});

test("what changes something is sent again with the key of the first time", async () => {
  const keys: unknown[] = [];
  const api = await client((request, response, count) => {
    keys.push(request.headers["idempotency-key"]);
    if (count === 1) request.socket.destroy();
    else if (count === 2) json(response, 409, { code: "IDEMPOTENCY_UNDER_WAY", detail: "It goes on.", remedy: "" });
    else if (count === 3) response.writeHead(200, { "content-length": "1000" }).write("{", () => response.destroy());
    else json(response, 201, { ok: true });
  });
  expect(await api.send("POST", "/x", answer, { a: 1 })).toEqual({ ok: true });
  expect(keys).toHaveLength(4);
  expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
  expect(new Set(keys).size).toBe(1);
  expect(await api.send("POST", "/x", answer)).toEqual({ ok: true });
  expect(keys[4]).not.toBe(keys[0]);
});

test("what changes something is given up after a few times, at once where it is refused, and removed once", async () => {
  const methods: (string | undefined)[] = [];
  const api = await client((request, response) => {
    methods.push(request.method);
    if (request.url === "/refused") json(response, 409, { code: "RUN_OVER", detail: "It is over.", remedy: "" });
    else json(response, 502, "bad gateway");
  });
  await expect(api.send("PUT", "/x", answer, {})).rejects.toMatchObject({ code: "SERVER_FAILED" });
  await expect(api.send("DELETE", "/x", answer)).rejects.toMatchObject({ code: "SERVER_FAILED" });
  await expect(api.send("POST", "/refused", answer)).rejects.toMatchObject({ code: "RUN_OVER" });
  expect(methods).toEqual(["PUT", "PUT", "PUT", "PUT", "DELETE", "POST"]);
});

test.each([
  [404, { code: "API_NOT_FOUND", detail: "There is no run.", remedy: "Look." }, "API_NOT_FOUND", "There is no run."],
  [
    409,
    { code: "FROM_THE_FUTURE", detail: "Not so.", remedy: "R." },
    "SERVER_REFUSED",
    "409: Not so. (FROM_THE_FUTURE)",
  ],
  [500, { code: "INTERNAL", detail: "Something.", request_id: "r1" }, "SERVER_FAILED", "500: Something."],
  [418, "tea", "SERVER_REFUSED", "it does not say why"],
])("an answer of %i becomes an error of ours", async (status, body, code, message) => {
  const api = await client((_, response) => json(response, status, body));
  await expect(api.send("POST", "/x", answer)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(message),
  });
});

test("what is no answer of a server of ours is said to be none", async () => {
  const api = await client((_, response) => response.end("<html>hello</html>"));
  await expect(api.get("/x", answer)).rejects.toMatchObject({ code: "SERVER_ANSWER_INVALID" });
});

test("a token is not sent where a server points to", async () => {
  let reached = false;
  const other = await client((_, response) => {
    reached = true;
    json(response, 200, { ok: true });
  });
  const api = await client(
    (_, response) => response.writeHead(302, { location: `${other.url}/x` }).end(),
    "wbp_0123456789abcdef",
  );
  await expect(api.get("/x", answer)).rejects.toMatchObject({ code: "SERVER_REFUSED" });
  expect(reached).toBe(false);
});

test("a stream that is cut off goes on behind the last event that arrived whole", async () => {
  const asked: unknown[] = [];
  const api = await client((request, response, count) => {
    asked.push(request.headers["last-event-id"]);
    response.writeHead(200, { "content-type": "text/event-stream" });
    if (count === 1) {
      response.write(": hello\n\nid: 7\nevent: a\ndata: one\n\nid: 8\nevent: a\ndata: cut o");
      setTimeout(() => response.destroy(), 50);
    } else if (count === 2) response.end("id: 8\r\nevent: a\r\ndata: two\r\ndata: lines\r\n\r\n");
    else response.end("event: end\ndata: {}\n\n");
  });
  const events = [];
  for await (const event of api.events("/x")) events.push(event);
  expect(events).toEqual([
    { id: "7", type: "a", data: "one" },
    { id: "8", type: "a", data: "two\nlines" },
  ]);
  expect(asked).toEqual([undefined, "7", "8"]);
});

test("a refusal ends a stream", async () => {
  const api = await client((_, response) => json(response, 403, { code: "ACCESS_DENIED", detail: "No.", remedy: "" }));
  await expect(api.events("/x").next()).rejects.toMatchObject({ code: "ACCESS_DENIED", message: "No." });
});
