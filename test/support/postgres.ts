/**
 * The PostgreSQL server of the tests: one that is started for them and shared by all test files of a run, with data,
 * socket, port and users of its own. It writes to disk as a real one does (`fsync` is on).
 *
 *     node test/support/postgres.ts ensure DIRECTORY    prints the address of its database "postgres"
 *     node test/support/postgres.ts stop DIRECTORY
 */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

const PATIENCE_MS = 60_000;

/** The password of the user `waybill`, with what must be escaped in an address. Tests look for it where it must not be. */
export const TEST_PASSWORD = "p4ss/w0rd:of@tests";

/** A server that was started by hand: the tests of its restart need their own. */
export class TestServer {
  readonly #directory: string;

  /** @param directory an absolute path, short enough for a socket in it */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** @returns the address of the database "postgres", as its owner */
  get url(): string {
    return readFileSync(join(this.#directory, "url"), "utf8");
  }

  get isMade(): boolean {
    return existsSync(join(this.#directory, "url"));
  }

  /** Makes the cluster and starts it. */
  async make(): Promise<void> {
    mkdirSync(this.#directory, { recursive: true });
    const user = serverUser();
    if (user !== null) chownSync(this.#directory, user.uid, user.gid);
    chmodSync(this.#directory, 0o755);
    const passwordFile = join(this.#directory, "password");
    writeFileSync(passwordFile, `${TEST_PASSWORD}\n`);
    const port = await freePort();
    this.#run("initdb", [
      ...["-D", this.#data, "--username=waybill", `--pwfile=${passwordFile}`, "--encoding=UTF8", "--no-sync"],
      // Names in the order of a language, as many servers have them: ours must not depend on it.
      ...["--locale-provider=icu", "--icu-locale=en-US", "--locale=C.UTF-8"],
      ...["--auth-local=trust", "--auth-host=scram-sha-256"],
    ]);
    writeFileSync(
      join(this.#data, "postgresql.auto.conf"),
      [
        `port = ${port}`,
        "listen_addresses = '127.0.0.1'",
        `unix_socket_directories = '${this.#directory}'`,
        "max_connections = 200",
        "shared_buffers = 32MB",
        "fsync = on",
        "",
      ].join("\n"),
    );
    this.start();
    const password = encodeURIComponent(TEST_PASSWORD);
    writeFileSync(join(this.#directory, "url"), `postgres://waybill:${password}@127.0.0.1:${port}/postgres`);
  }

  start(): void {
    const log = join(this.#directory, "server.log");
    this.#run("pg_ctl", ["start", "-w", "-t", "60", "-s", "-D", this.#data, "-l", log]);
  }

  stop(mode: "fast" | "immediate" = "fast"): void {
    this.#run("pg_ctl", ["stop", "-w", "-t", "60", "-s", "-D", this.#data, "-m", mode]);
  }

  /** Stops it, where it runs, and removes all of it. */
  remove(): void {
    if (existsSync(join(this.#data, "postmaster.pid"))) this.stop("immediate");
    rmSync(this.#directory, { recursive: true, force: true, maxRetries: 5 });
  }

  get #data(): string {
    return join(this.#directory, "data");
  }

  #run(program: string, args: readonly string[]): void {
    const result = spawnSync(join(programs() ?? "", program), args, {
      cwd: this.#directory,
      env: { PATH: process.env["PATH"], LC_ALL: "C.UTF-8" },
      encoding: "utf8",
      // The server that pg_ctl starts would hold a pipe open.
      stdio: ["ignore", program === "pg_ctl" ? "ignore" : "pipe", program === "pg_ctl" ? "ignore" : "pipe"],
      timeout: PATIENCE_MS + 10_000,
      ...serverUser(),
    });
    if (result.status !== 0) {
      const log = join(this.#directory, "server.log");
      const said = `${result.stderr ?? ""}${existsSync(log) ? readFileSync(log, "utf8").slice(-2000) : ""}`;
      throw new Error(`${program} ${args[0] ?? ""} failed: ${result.error?.message ?? said}`);
    }
  }
}

/** A server of its own for a test that stops it. The caller removes it. */
export async function makeServer(): Promise<TestServer> {
  const server = new TestServer(mkdtempSync(join(realpathSync(tmpdir()), "waybill-pg-")));
  await server.make();
  return server;
}

/** Where the server's programs are; null: it is not installed. Debian keeps them off the PATH, by version. */
export function programs(): string | null {
  const versions = existsSync("/usr/lib/postgresql") ? readdirSync("/usr/lib/postgresql") : [];
  const newest = versions.toSorted((a, b) => Number(b) - Number(a))[0];
  if (newest !== undefined && existsSync(`/usr/lib/postgresql/${newest}/bin/initdb`)) {
    return `/usr/lib/postgresql/${newest}/bin`;
  }
  const found = spawnSync("pg_config", ["--bindir"], { encoding: "utf8" });
  const directory = found.status === 0 ? found.stdout.trim() : "";
  return directory !== "" && existsSync(join(directory, "initdb")) ? directory : null;
}

/** The server refuses to run as root: it runs as the user of Debian's package, or as nobody; null: as ourselves. */
export function serverUser(): { readonly uid: number; readonly gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const lines = readFileSync("/etc/passwd", "utf8").split("\n");
  const line = lines.find((each) => each.startsWith("postgres:")) ?? lines.find((each) => each.startsWith("nobody:"));
  const [, , uid = "65534", gid = "65534"] = line?.split(":") ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}

async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** One at a time: test files run side by side. */
async function ensure(directory: string): Promise<string> {
  const lock = join(directory, "lock");
  const end = performance.now() + 2 * PATIENCE_MS;
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch {
      if (performance.now() > end) throw new Error(`"${lock}" is held by somebody.`);
      await setTimeout(50);
    }
  }
  try {
    const server = new TestServer(join(directory, "s"));
    if (!server.isMade) await server.make();
    return server.url;
  } finally {
    rmSync(lock, { recursive: true });
  }
}

if (import.meta.main) {
  const [command, directory] = process.argv.slice(2);
  if (directory === undefined) throw new Error("Usage: postgres.ts ensure|stop DIRECTORY");
  if (command === "ensure") {
    process.stdout.write(await ensure(directory));
  } else {
    new TestServer(join(directory, "s")).remove();
    rmSync(directory, { recursive: true, force: true });
  }
}
