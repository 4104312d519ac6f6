import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { createServerLog, type LogLevel } from "../server-log.ts";
import { readSettings } from "../settings/settings.ts";
import { knownSecrets } from "../telemetry/redact-line.ts";
import { openServer, type Server } from "../wire.ts";

export interface TestServer extends Server {
  /** Lines of the server's log. */
  readonly logged: string[];
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
  post(path: string, body?: unknown): Promise<Response>;
}

export interface TestServerOptions {
  /** Of its log. */
  readonly level?: LogLevel;
  /** Of its environment. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** A server of its own in this process, on a free port; closed when the running test ends. */
export async function testServer(
  data: string,
  flags: Parameters<typeof readSettings>[0]["flags"] = {},
  { level = "warn", variables = {} }: TestServerOptions = {},
): Promise<TestServer> {
  const environment = { PATH: process.env["PATH"], HOME: process.env["HOME"], ...variables };
  const settings = readSettings({
    flags: { data, listen: "127.0.0.1:0", executor: "process", ...flags },
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
  const server = await openServer(settings, environment, log, { checkResponses: true });
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (!isOpen) return;
    isOpen = false;
    await server.close();
  };
  onTestFinished(close);
  return {
    ...server,
    close,
    logged,
    get: (path, headers = {}) => fetch(server.url + path, { headers }),
    post: (path, body) =>
      fetch(server.url + path, {
        method: "POST",
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
      }),
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
