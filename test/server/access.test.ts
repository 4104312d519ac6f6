import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { waybill } from "../support/waybill.ts";
import { startServer } from "./support/server-process.ts";

const LINK = /^Sign in once, as the administrator "admin", within the hour: (\S+)\/sign-in#([\w-]{43})$/m;

async function signIn(url: string, token: string): Promise<number> {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ token });
  return (await fetch(`${url}/v1/sign-in/link`, { method: "POST", headers, body })).status;
}

test("the first administrator gets a link at the first start alone, and others from the command line", async () => {
  const cwd = await temporaryDirectory();
  const data = join(cwd, "data");
  const first = await startServer(data);
  await vi.waitFor(() => expect(first.printed()).toMatch(LINK));
  const [, origin, token = ""] = LINK.exec(first.printed()) ?? [];
  expect(origin).toBe(first.url);
  expect([await signIn(first.url, token), await signIn(first.url, token)]).toEqual([200, 401]);
  expect(first.log()).not.toContain(token);
  expect(statSync(join(data, "secrets.key")).mode & 0o777).toBe(0o600);

  const command = ["server", "--data", data, "--public-url", "https://waybill.example.com"];
  const link = await waybill([...command, "sign-in-link"], { cwd });
  expect(link.stdout).toMatch(/^https:\/\/waybill\.example\.com\/sign-in#[\w-]{43}\n$/);
  expect(await signIn(first.url, link.stdout.trim().split("#")[1] ?? "")).toBe(200);
  expect(await waybill([...command, "sign-in-link", "nobody"], { cwd })).toMatchObject({ exitCode: 2, stdout: "" });

  await first.end("SIGTERM");
  const second = await startServer(data);
  const key = readFileSync(join(data, "secrets.key"), "utf8").trim();
  await second.end("SIGTERM");
  expect(second.printed()).toMatch(/^Waybill serves at \S+\n$/);
  expect(first.log() + second.log()).not.toContain(key);
});

test("tokens are made on a server's data while it runs, and are for nothing but what they name", async () => {
  const cwd = await temporaryDirectory();
  const data = join(cwd, "data");
  const { url } = await startServer(data);
  const make = async (
    ...args: readonly string[]
  ): Promise<{ readonly stdout: string; readonly exitCode: number | null }> =>
    await waybill(["server", "--data", data, "token", ...args], { cwd });
  const statusOf = async (token: string, path: string): Promise<number> =>
    (await fetch(url + path, { headers: { authorization: `Bearer ${token.trim()}` } })).status;
  const { stdout: viewer } = await make("reader", "--role", "viewer");
  expect(viewer).toMatch(/^wbm_[\w-]{43}\n$/);
  expect([await statusOf(viewer, "/v1/projects"), await statusOf(viewer, "/v1/users")]).toEqual([200, 403]);
  const { stdout: hook } = await make("hook", "--permission", "webhooks:receive");
  expect([await statusOf(hook, "/v1/projects"), await statusOf("wbm_", "/v1/projects")]).toEqual([403, 401]);
  expect(await make("reader")).toMatchObject({ exitCode: 2, stdout: "" });
  expect(await make("x", "--permission", "everything")).toMatchObject({ exitCode: 2, stdout: "" });
  expect(await make("x", "--role", "viewer", "--permission", "secrets:write")).toMatchObject({
    exitCode: 2,
    stdout: "",
  });
});
