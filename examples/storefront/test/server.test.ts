import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { createStorefront } from "../src/server.ts";

interface Reply {
  readonly status: number;
  readonly body: {
    readonly id?: string;
    readonly title?: string;
    readonly items?: object;
    readonly totals?: { readonly totalCents: number };
  };
}

describe("storefront", () => {
  const server = createStorefront("1.2.3");
  let address = "";

  before(async () => {
    await once(server.listen(0, "127.0.0.1"), "listening");
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  after(() => {
    server.close();
    server.closeAllConnections();
  });

  async function call(method: string, path: string, body?: string): Promise<Reply> {
    const response = await fetch(address + path, { method, body: body ?? null });
    return { status: response.status, body: (await response.json()) as Reply["body"] };
  }

  test("tells that it is healthy, and its version", async () => {
    assert.deepEqual(await call("GET", "/health"), { status: 200, body: { status: "ok", version: "1.2.3" } });
  });

  test("shows one product", async () => {
    const { body } = await call("GET", "/products/cup-set");
    assert.equal(body.title, "Four cups");
  });

  test("keeps what is put into a cart", async () => {
    const { body: cart } = await call("POST", "/carts");
    await call("PUT", `/carts/${cart.id}/items/tea-green`, '{"quantity": 2}');
    const { body } = await call("GET", `/carts/${cart.id}`);
    assert.deepEqual(body.items, { "tea-green": 2 });
    assert.equal(body.totals?.totalCents, 1870);
  });

  for (const body of ["", "null", "{", '{"quantity": "many"}', "x".repeat(20_000)]) {
    test(`answers 400 to the body ${JSON.stringify(body.slice(0, 20))}`, async () => {
      const { body: cart } = await call("POST", "/carts");
      assert.equal((await call("PUT", `/carts/${cart.id}/items/tea-green`, body)).status, 400);
    });
  }

  for (const path of ["/", "/products/coffee", "/carts/unknown", "/products/../health/x"]) {
    test(`answers 404 to ${path}`, async () => {
      assert.equal((await call("GET", path)).status, 404);
    });
  }
});
