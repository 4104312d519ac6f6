import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { describeWith } from "../../../test/support/requires.ts";
import { repositoryAddress } from "./address.ts";
import { openMirrors } from "./mirrors.ts";

let root: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "waybill-git-")));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

test.each([
  "https://169.254.169.254/latest/meta-data",
  "https://2852039166/x.git",
  "https://0xa9fea9fe/x.git",
  "https://169.254.1/x.git",
  "https://[fe80::1]/x.git",
  "https://[::ffff:169.254.169.254]/x.git",
  "https://[fd00:ec2::254]/x.git",
  "https://0.0.0.0/x.git",
  "https://[::]/x.git",
  "https://metadata.google.internal/x.git",
  "ssh://git@169.254.169.254/x.git",
  "git@169.254.169.254:x.git",
])("%s is asked by nobody", (url) => {
  expect(() => repositoryAddress(url)).toThrow(expect.objectContaining({ code: "GIT_ADDRESS_INVALID" }));
});

test.each([
  "https://10.0.0.5/x.git",
  "https://localhost/x.git",
  "https://git.example.com/x.git",
  "git@192.168.1.2:x.git",
])("%s may be one's own", (url) => expect(repositoryAddress(url).url).toContain("x.git"));

test("files are repositories only where the administrator says so, wherever links lead", () => {
  const allowed = join(root, "allowed");
  mkdirSync(join(allowed, "shop.git"), { recursive: true });
  mkdirSync(join(root, "allowed-not"));
  symlinkSync(root, join(allowed, "out"));
  const mirrors = openMirrors(join(root, "mirrors"), { fileDirectories: [allowed] });
  const address = (url: string): string => mirrors.address(url);
  expect(address(`file://${allowed}/shop.git`)).toBe(`file://${allowed}/shop.git`);
  expect(address(`file://${allowed}/not-yet.git`)).toBe(`file://${allowed}/not-yet.git`);
  for (const path of [
    `${root}/allowed-not`,
    `${allowed}/../mirrors/x.git`,
    `${allowed}/out/mirrors/x.git`,
    `${allowed}/%2e%2e/mirrors/x.git`,
    "/etc",
  ]) {
    expect(() => address(`file://${path}`)).toThrow(expect.objectContaining({ code: "GIT_ADDRESS_INVALID" }));
  }
  const none = openMirrors(join(root, "mirrors"), { fileDirectories: [] });
  expect(() => none.of(`file://${allowed}/shop.git`)).toThrow(expect.objectContaining({ code: "GIT_ADDRESS_INVALID" }));
});

describeWith("git", "a repository that redirects", () => {
  test("leads nowhere", async () => {
    const asked: string[] = [];
    const inner = await listening((path) => void asked.push(path));
    const outer = await listening((path) => ({ location: `http://127.0.0.1:${portOf(inner)}${path}` }));
    const options = { protocols: ["http"], fetchTimeoutMs: 10_000 } as const;
    const mirror = openMirrors(join(root, "mirrors"), options).of(`http://127.0.0.1:${portOf(outer)}/x.git`);
    await expect(mirror.update()).rejects.toMatchObject({ code: expect.stringMatching(/^GIT_/) });
    expect(asked).toEqual([]);
  });

  test("by a name that leads to what nobody asks is refused before it is asked", async () => {
    // What the resolver takes for a number, and the parser of addresses for a name.
    const mirror = openMirrors(join(root, "mirrors")).of("ssh://git@2852039166/x.git");
    await expect(mirror.update()).rejects.toMatchObject({ code: "GIT_ADDRESS_INVALID" });
  });
});

async function listening(answer: (path: string) => { readonly location: string } | void): Promise<Server> {
  const server = createServer((request, response) => {
    const redirect = answer(request.url ?? "");
    if (redirect === undefined) response.writeHead(404);
    else response.writeHead(302, redirect);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
