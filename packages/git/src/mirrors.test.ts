import { execFileSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { describeWith } from "../../../test/support/requires.ts";
import { openMirrors } from "./mirrors.ts";
import type { Mirror } from "./ports.ts";

let root: string;
let remote: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "waybill-git-")));
  remote = join(root, "remote");
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function git(...args: string[]): string {
  const identity = ["-c", "user.name=T", "-c", "user.email=t@example.com"];
  return execFileSync("git", [...identity, ...args], { cwd: remote, stdio: "pipe" })
    .toString()
    .trim();
}

function commit(files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(remote, path)), { recursive: true });
    writeFileSync(join(remote, path), text);
  }
  git("add", "--all");
  git("commit", "-qm", "x");
  return git("rev-parse", "HEAD");
}

function mirror(): Mirror {
  return openMirrors(join(root, "mirrors")).of(`file://${remote}`);
}

describeWith("git", "a mirror", () => {
  beforeEach(() => {
    execFileSync("git", ["init", "-q", "-b", "main", remote]);
  });

  test("has the branches, tags and commits of its remote", async () => {
    const first = commit({ a: "1" });
    git("tag", "-a", "v1", "-m", "v1");
    const second = commit({ a: "2" });
    const copy = mirror();
    await copy.update();
    expect(await copy.resolve("refs/heads/main")).toBe(second);
    expect(await copy.resolve("main")).toBe(second);
    expect(await copy.resolve("v1")).toBe(first);
    expect(await copy.resolve(first.slice(0, 12))).toBe(first);
    expect(await copy.resolve("nowhere")).toBeNull();
    expect(await copy.isInHistory(first, second)).toBe(true);
    expect(await copy.isInHistory(second, first)).toBe(false);
    expect(await copy.isInHistory("0".repeat(40), second)).toBe(false);
    git("checkout", "-q", "-b", "side", first);
    const side = commit({ b: "1" });
    await copy.update();
    expect(await copy.mergeBase(side, second)).toBe(first);
    expect(await copy.mergeBase("0".repeat(40), second)).toBeNull();
  });

  test("gets what is new, also where history was written anew, and forgets what is gone", async () => {
    const first = commit({ a: "1" });
    git("branch", "old");
    const copy = mirror();
    await copy.update();
    git("branch", "-D", "old");
    git("commit", "-q", "--amend", "-m", "another");
    await copy.update();
    expect(await copy.resolve("main")).toBe(git("rev-parse", "HEAD"));
    expect(await copy.resolve("main")).not.toBe(first);
    expect(await copy.resolve("old")).toBeNull();
  });

  test("is updated by several at once, also of several processes' worth of mirrors", async () => {
    const sha = commit({ a: "1" });
    const copies = [mirror(), mirror(), mirror()];
    await Promise.all(copies.flatMap((copy) => [copy.update(), copy.update()]));
    for (const copy of copies) expect(await copy.resolve("main")).toBe(sha);
    expect(readdirSync(join(root, "mirrors")).filter((name) => name.includes(".new"))).toEqual([]);
  });

  test.each(["--help", "-x", "main..other", "main^", "@{u}", "main:a", "a b", "", ":/x"])(
    "takes no expression for a name: %s",
    async (name) => {
      commit({ a: "1" });
      const copy = mirror();
      await copy.update();
      expect(await copy.resolve(name)).toBeNull();
    },
  );

  test("reads files of a commit, and only files", async () => {
    symlinkSync("/etc/passwd", join(remote, "link"));
    const sha = commit({ "waybill.yaml": "name: x\n", "sub/[a]*.yaml": "y" });
    const copy = mirror();
    await copy.update();
    expect((await copy.readFile(sha, "waybill.yaml", 100))?.toString()).toBe("name: x\n");
    expect((await copy.readFile(sha, "sub/[a]*.yaml", 100))?.toString()).toBe("y");
    for (const path of ["sub", "sub/*", "nowhere", "link", "../x", "/etc/passwd", "", "a\0b"]) {
      expect(await copy.readFile(sha, path, 100)).toBeNull();
    }
    await expect(copy.readFile(sha, "waybill.yaml", 3)).rejects.toMatchObject({ code: "GIT_FILE_TOO_LARGE" });
  });

  test("tells what differs between commits", async () => {
    const first = commit({ a: "1", "b/c": "1" });
    git("mv", "a", "z");
    const second = commit({ "b/ü": "2" });
    const copy = mirror();
    await copy.update();
    expect(await copy.changedPaths(first, second)).toEqual(["a", "b/ü", "z"]);
    expect(await copy.changedPaths(null, first)).toEqual(["a", "b/c"]);
    await expect(copy.changedPaths(first, "main")).rejects.toMatchObject({ code: "GIT_NO_COMMIT" });
  });

  test("checks out a commit as files that lead nowhere else", async () => {
    symlinkSync("run.sh", join(remote, "link"));
    const sha = commit({ "run.sh": "#!/bin/sh\n", "sub/x": "x" });
    git("update-index", "--chmod=+x", "run.sh");
    git("commit", "-qm", "mode");
    const second = git("rev-parse", "HEAD");
    const copy = mirror();
    await copy.update();
    const directory = join(root, "checkout");
    mkdirSync(directory);
    await copy.checkOut(second, directory);
    expect(readdirSync(directory).toSorted()).toEqual(["link", "run.sh", "sub"]);
    expect(lstatSync(join(directory, "run.sh")).mode & 0o111).not.toBe(0);
    expect(lstatSync(join(directory, "run.sh")).nlink).toBe(1);
    expect(readlinkSync(join(directory, "link"))).toBe("run.sh");
    expect(readFileSync(join(directory, "sub/x"), "utf8")).toBe("x");
    expect(existsSync(`${directory}.index`)).toBe(false);
    await expect(copy.checkOut("0".repeat(40), directory)).rejects.toMatchObject({ code: "GIT_NO_COMMIT" });
    expect(sha).not.toBe(second);
  });

  test("runs nothing that a repository asks for", async () => {
    const sha = commit({ ".gitattributes": "* filter=evil\n", a: "1" });
    const marker = join(root, "ran");
    for (const hook of ["post-checkout", "post-update", "reference-transaction", "pre-receive"]) {
      writeFileSync(join(remote, ".git/hooks", hook), `#!/bin/sh\ntouch ${marker}\n`, { mode: 0o755 });
    }
    git("config", "filter.evil.smudge", `touch ${marker}`);
    git("config", "uploadpack.packObjectsHook", `touch ${marker}`);
    git("config", "core.fsmonitor", `touch ${marker}`);
    const copy = mirror();
    await copy.update();
    await copy.update();
    mkdirSync(join(root, "checkout"));
    await copy.checkOut(sha, join(root, "checkout"));
    expect(existsSync(marker)).toBe(false);
  });

  test("a remote that is not there is said so, and nothing is left of the attempt", async () => {
    const copy = openMirrors(join(root, "mirrors")).of(`file://${root}/nowhere`);
    await expect(copy.update()).rejects.toMatchObject({ code: "GIT_UNREACHABLE" });
    expect(readdirSync(join(root, "mirrors")).filter((name) => /\.git(?:\.new)?$/.test(name))).toEqual([]);
    expect(await copy.resolve("main")).toBeNull();
  });

  test("a fetch that takes too long is ended with all it started", async () => {
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    onTestFinished(() => server.closeAllConnections());
    const { port } = server.address() as AddressInfo;
    const options = { protocols: ["http"], fetchTimeoutMs: 300 } as const;
    const copy = openMirrors(join(root, "mirrors"), options).of(`http://127.0.0.1:${port}/x.git`);
    await expect(copy.update()).rejects.toMatchObject({ code: "GIT_TIMED_OUT" });
  });

  test("a pack that is too large is not kept", async () => {
    const random = Array.from({ length: 60_000 }, () => Math.random().toString(36)).join("");
    commit({ large: random });
    const copy = openMirrors(join(root, "mirrors"), { maxPackBytes: 100_000 }).of(`file://${remote}`);
    await expect(copy.update()).rejects.toMatchObject({ code: "GIT_TOO_LARGE" });
    expect(await copy.resolve("main")).toBeNull();
  });

  test("a password reaches the remote, and nothing that others can see", async () => {
    const requests: IncomingMessage["headers"][] = [];
    let seen = "";
    const server = createServer((request, response) => {
      requests.push(request.headers);
      if (request.headers.authorization === undefined) {
        response.writeHead(401, { "www-authenticate": 'Basic realm="x"' }).end();
        return;
      }
      seen += visibleProcesses();
      response.writeHead(403).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const copy = openMirrors(join(root, "mirrors"), { protocols: ["http"] }).of(`http://127.0.0.1:${port}/x.git`);
    const credentials = { username: "robot", password: "p4ss:wörd' \\n" };
    const failure: unknown = await copy.update(credentials).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "GIT_ACCESS_DENIED", message: expect.not.stringContaining("p4ss") });
    const encoded = Buffer.from("robot:p4ss:wörd' \\n").toString("base64");
    expect(requests.at(-1)?.authorization).toBe(`Basic ${encoded}`);
    expect(seen).toContain("git-remote-http");
    expect(seen).not.toContain("p4ss");
    const files = readdirSync(join(root, "mirrors")).map((name) => join(root, "mirrors", name));
    for (const file of files) {
      if (lstatSync(file).isFile()) expect(readFileSync(file, "latin1")).not.toContain("p4ss");
    }
    await expect(copy.update({ username: "a\nb", password: "x" })).rejects.toMatchObject({ code: "GIT_ACCESS_DENIED" });
  });
});

/** Arguments and environments of all processes there are. */
function visibleProcesses(): string {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => ["cmdline", "environ"].map((file) => `/proc/${pid}/${file}`))
    .map((path) => {
      try {
        return readFileSync(path, "latin1");
      } catch {
        return "";
      }
    })
    .join("\n");
}
