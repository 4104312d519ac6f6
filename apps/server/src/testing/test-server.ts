import { ALL_PERMISSIONS, PERMISSIONS, systemPrincipal } from "@waybill/access";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { createServerLog, type LogLevel } from "../server-log.ts";
import { readSettings } from "../settings/settings.ts";
import { knownSecrets } from "../telemetry/redact-line.ts";
import { openServer, type Server } from "../wire.ts";

/** Somebody who makes requests of a test's server. */
export interface TestCaller {
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
  post(path: string, body?: unknown): Promise<Response>;
  send(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>;
}

/** Makes requests itself with a token that may everything there is for machines. */
export interface TestServer extends Server, TestCaller {
  /** Lines of the server's log. */
  readonly logged: string[];
  readonly token: string;
  /** With these headers in every request. */
  as(headers: Readonly<Record<string, string>>): TestCaller;
}

/** A server of its own in this process, on a free port; closed when the running test ends. */
export async function testServer(...args: Parameters<typeof openTestServer>): Promise<TestServer> {
  const server = await openTestServer(...args);
  onTestFinished(() => server.close());
  return server;
}

/** As `testServer`, for several tests; whoever opens it closes it. */
export async function openTestServer(
  data: string,
  flags: Parameters<typeof readSettings>[0]["flags"] = {},
  variables: Readonly<Record<string, string>> = {},
  http: Parameters<typeof openServer>[3] = {},
  level: LogLevel = "warn",
): Promise<TestServer> {
  const environment = { PATH: process.env["PATH"], HOME: process.env["HOME"], ...variables };
  const settings = readSettings({
    flags: {
      data,
      listen: "127.0.0.1:0",
      executor: "process",
      "file-repositories": "/",
      "rate-limit": "99999",
      ...flags,
    },
    environment,
    file: null,
    cwd: data,
  });
  const logged: string[] = [];
  const log = createServerLog(
    { now: () => Date.now(), monotonic: () => 0, setTimer: () => ({ cancel() {} }) },
    (line) => logged.push(line),
    knownSecrets(environment, settings.database),
    { fallback: level, components: {} },
  );
  const server = await openServer(settings, environment, log, { checkResponses: true, ...http });
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (!isOpen) return;
    isOpen = false;
    await server.close();
  };
  const { text: token } = await server.services.access.tokens.createMachine(systemPrincipal("test"), null, "admin", {
    name: `test-${randomBytes(4).toString("hex")}`,
    permissions: ALL_PERMISSIONS.filter((permission) => !PERSONAL.has(PERMISSIONS[permission])),
  });
  const as = (headers: Readonly<Record<string, string>>): TestCaller => caller(server.url, headers);
  return { ...server, ...as({ authorization: `Bearer ${token}` }), as, token, close, logged };
}

/** What no machine's token has. */
const PERSONAL: ReadonlySet<string> = new Set(["person", "server"]);

function caller(url: string, always: Readonly<Record<string, string>>): TestCaller {
  const send: TestCaller["send"] = (method, path, body, headers = {}) =>
    fetch(url + path, {
      method,
      redirect: "manual",
      headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...always, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return {
    send,
    get: (path, headers = {}) => send("GET", path, undefined, headers),
    post: (path, body) => send("POST", path, body),
  };
}

/** A bare repository and a clone of it to push from. */
export interface TestRepository {
  readonly url: string;
  readonly bare: string;
  git(...args: readonly string[]): string;
  /** Commits the files and pushes. @returns the commit's name */
  push(files: Readonly<Record<string, string>>): string;
}

/** @param root an empty directory */
export function testRepository(root: string): TestRepository {
  const bare = join(root, "shop.git");
  const clone = join(root, "clone");
  execFileSync("git", ["init", "-q", "--bare", "-b", "main", bare]);
  execFileSync("git", ["init", "-q", "-b", "main", clone]);
  const git = (...args: readonly string[]): string => {
    const identity = ["-c", "user.name=T", "-c", "user.email=t@example.com"];
    return execFileSync("git", [...identity, ...args], { cwd: clone, stdio: "pipe" })
      .toString()
      .trim();
  };
  git("remote", "add", "origin", bare);
  return {
    url: `file://${bare}`,
    bare,
    git,
    push(files) {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(clone, path)), { recursive: true });
        writeFileSync(join(clone, path), text);
      }
      git("add", "--all");
      git("commit", "-qm", "x");
      git("push", "-q", "origin", "HEAD");
      return git("rev-parse", "HEAD");
    },
  };
}

/** Reads an event stream to its `end`, or until `enough` says so. */
export async function readEventStream(
  response: Response,
  enough: (events: readonly StreamedEvent[]) => boolean = () => false,
): Promise<readonly StreamedEvent[]> {
  const events: StreamedEvent[] = [];
  let text = "";
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    text += Buffer.from(chunk).toString();
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const fields = new Map(
        text
          .slice(0, end)
          .split("\n")
          .map((line) => fieldOf(line)),
      );
      text = text.slice(end + 2);
      if (!fields.has("event")) continue;
      const event = { id: fields.get("id") ?? "", type: fields.get("event") ?? "", data: fields.get("data") ?? "" };
      if (event.type === "end") return events;
      events.push(event);
      if (enough(events)) return events;
    }
  }
  return events;
}

export interface StreamedEvent {
  readonly id: string;
  readonly type: string;
  /** JSON text. */
  readonly data: string;
}

function fieldOf(line: string): readonly [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
}
