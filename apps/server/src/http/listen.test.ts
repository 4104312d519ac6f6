import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { once } from "node:events";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { testServer } from "../testing/test-server.ts";

test("connections on which nothing was asked do not hold the end of a server up", async () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "waybill-listen-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const server = await testServer(root);
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  // It is accepted by then.
  expect((await server.get("/health")).status).toBe(200);
  const closed = once(socket, "close");
  const startedAt = performance.now();
  await server.close();
  await closed;
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});
