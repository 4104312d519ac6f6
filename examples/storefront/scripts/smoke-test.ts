import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** Unpacks the package, starts the service in it on a free port, buys something, and stops it again. */

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly file: string;
  readonly sha256: string;
}

const manifest = JSON.parse(readFileSync("package/manifest.json", "utf8")) as Manifest;
const archive = readFileSync(join("package", manifest.file));
assert.equal(createHash("sha256").update(archive).digest("hex"), manifest.sha256, "the package is damaged");

const directory = mkdtempSync(join(tmpdir(), "storefront-"));
execFileSync("tar", ["-xzf", join(process.cwd(), "package", manifest.file), "-C", directory]);
const service = spawn(process.execPath, ["src/main.js"], {
  cwd: join(directory, `${manifest.name}-${manifest.version}`),
  env: { ...process.env, PORT: "0" },
  stdio: ["ignore", "pipe", "inherit"],
});
try {
  const address = await addressOf(service.stdout);

  assert.deepEqual(await request("GET", "/health"), { status: "ok", version: manifest.version });
  const products = (await request("GET", "/products")) as { sku: string }[];
  const { id } = (await request("POST", "/carts")) as { id: string };
  const cart = (await request("PUT", `/carts/${id}/items/${products[0]?.sku}`, { quantity: 3 })) as {
    totals: { items: number; totalCents: number };
  };
  assert.equal(cart.totals.items, 3);
  assert.ok(cart.totals.totalCents > 0);

  const ended = once(service, "exit");
  service.kill("SIGTERM");
  assert.deepEqual(await ended, [0, null], "the service did not stop cleanly");
  console.log(`storefront ${manifest.version} started, served an order and stopped`);

  async function request(method: string, path: string, body?: object): Promise<unknown> {
    // No connection is kept: one that is open would hold up the end of the service.
    const response = await fetch(address + path, {
      method,
      headers: { connection: "close" },
      body: body === undefined ? null : JSON.stringify(body),
    });
    assert.ok(response.ok, `${method} ${path} answered ${response.status}`);
    return response.json();
  }
} finally {
  service.kill("SIGKILL");
  rmSync(directory, { recursive: true });
}

/** The service prints its address when it is ready. */
async function addressOf(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const match = /http:\/\/[\d.]+:\d+/.exec(line);
    if (match !== null) return match[0];
  }
  throw new Error("the service ended before it was ready");
}
