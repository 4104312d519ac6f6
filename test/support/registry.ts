import { spawn, spawnSync } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { gzipSync } from "node:zlib";
import { DOCKER_DIRECTORY_VARIABLE } from "./shared-docker.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

/** Whom a registry lets in. */
export type RegistryAccess =
  | { readonly kind: "open" }
  | { readonly kind: "basic"; readonly username: string; readonly password: string }
  /** The daemon gets a token for a name and password, or for an identity token. */
  | { readonly kind: "token"; readonly username: string; readonly password: string; readonly identityToken: string };

/** A fault of the registry: the first calls whose path matches are answered so. */
interface Fault {
  readonly path: RegExp;
  readonly status: number | "silence";
  times: number;
}

interface Blob {
  readonly type: string;
  readonly content: Buffer;
}

const MANIFEST_TYPE = "application/vnd.docker.distribution.manifest.v2+json";
const TOKEN = "a-token-for-the-daemon";

/** A forwarder in the daemon's network namespace, whose loopback is not ours, to a socket in the file system. */
const FORWARDER = `
  const net = require("node:net");
  net.createServer((client) => {
    const server = net.connect(process.argv[1]);
    client.pipe(server).pipe(client);
    client.on("error", () => server.destroy());
    server.on("error", () => client.destroy());
  }).listen(0, "127.0.0.1", function () { console.log(this.address().port); });`;

/** A strict little registry, protocol version 2, on the daemon's loopback. It ends with the running test. */
export class TestRegistry {
  readonly #access: RegistryAccess;
  readonly #blobs = new Map<string, Blob>();
  readonly #tags = new Map<string, string>();
  readonly #faults: Fault[] = [];
  readonly requests: string[] = [];
  #host = "";

  private constructor(access: RegistryAccess) {
    this.#access = access;
  }

  static async open(access: RegistryAccess = { kind: "open" }): Promise<TestRegistry> {
    const registry = new TestRegistry(access);
    const server = createServer((request, response) => registry.#answer(request, response));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const pidFile = join(process.env[DOCKER_DIRECTORY_VARIABLE] ?? "/nonexistent", "d/pid");
    if (existsSync(pidFile)) {
      const socket = join(await temporaryDirectory(), "registry.sock");
      server.listen(socket);
      await once(server, "listening");
      const args = ["-t", readFileSync(pidFile, "utf8").trim(), "-n", process.execPath, "-e", FORWARDER, socket];
      const forwarder = spawn("nsenter", args, { stdio: ["ignore", "pipe", "inherit"] });
      onTestFinished(() => void forwarder.kill("SIGKILL"));
      const [line] = (await once(forwarder.stdout, "data")) as [Buffer];
      registry.#host = `127.0.0.1:${line.toString().trim()}`;
    } else {
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      registry.#host = `127.0.0.1:${(server.address() as { port: number }).port}`;
    }
    return registry;
  }

  get host(): string {
    return this.#host;
  }

  /** Puts an image of one file there. @returns its whole name */
  async add(name: string, tag = "latest", content: string = randomUUID()): Promise<string> {
    const directory = join(await temporaryDirectory(), "root");
    mkdirSync(directory);
    writeFileSync(join(directory, "content"), content);
    const { stdout: layer } = spawnSync("tar", ["-C", directory, "-c", "."], { maxBuffer: 1e9 });
    const packed = gzipSync(layer, { level: 0 });
    const config = Buffer.from(
      JSON.stringify({
        architecture: process.arch === "arm64" ? "arm64" : "amd64",
        os: "linux",
        config: {},
        rootfs: { type: "layers", diff_ids: [digestOf(layer)] },
      }),
    );
    const layerType = "application/vnd.docker.image.rootfs.diff.tar.gzip";
    const configType = "application/vnd.docker.container.image.v1+json";
    const describe = (type: string, bytes: Buffer): unknown => {
      this.#blobs.set(digestOf(bytes), { type, content: bytes });
      return { mediaType: type, size: bytes.length, digest: digestOf(bytes) };
    };
    const manifest = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: MANIFEST_TYPE,
        config: describe(configType, config),
        layers: [describe(layerType, packed)],
      }),
    );
    this.#blobs.set(digestOf(manifest), { type: MANIFEST_TYPE, content: manifest });
    this.#tags.set(`${name}:${tag}`, digestOf(manifest));
    return `${this.#host}/${name}:${tag}`;
  }

  digest(name: string, tag = "latest"): string {
    return this.#tags.get(`${name}:${tag}`) ?? "";
  }

  /** The next `times` calls whose path matches fail so. */
  fail(path: RegExp, status: number | "silence", times = Number.POSITIVE_INFINITY): void {
    this.#faults.push({ path, status, times });
  }

  /** From now on nothing fails. */
  recover(): void {
    this.#faults.length = 0;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", "http://registry");
    this.requests.push(`${request.method} ${url.pathname}`);
    const fault = this.#faults.find(({ path, times }) => times > 0 && path.test(url.pathname));
    if (fault !== undefined) {
      fault.times -= 1;
      if (fault.status !== "silence") send(response, fault.status, { errors: [{ code: "UNAVAILABLE" }] });
      return;
    }
    if (url.pathname === "/token") return this.#giveToken(request, response);
    if (!this.#isWelcome(request)) {
      const { kind } = this.#access;
      const challenge =
        kind === "basic" ? 'Basic realm="test"' : `Bearer realm="http://${this.#host}/token",service="test"`;
      response.setHeader("WWW-Authenticate", challenge);
      return send(response, 401, { errors: [{ code: "UNAUTHORIZED", message: "authentication required" }] });
    }
    if (url.pathname === "/v2/") return send(response, 200, {});
    const [, name, kind, reference] = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(url.pathname) ?? [];
    const digest = kind === "manifests" ? (this.#tags.get(`${name}:${reference}`) ?? reference) : reference;
    const blob = this.#blobs.get(digest ?? "");
    if (blob === undefined || digest === undefined) {
      const code = kind === "blobs" ? "BLOB_UNKNOWN" : "MANIFEST_UNKNOWN";
      return send(response, 404, { errors: [{ code, message: code.toLowerCase().replace("_", " ") }] });
    }
    const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? "") ?? [];
    const content = blob.content.subarray(Number(from ?? 0));
    response.statusCode = from === undefined ? 200 : 206;
    response.setHeader("Content-Type", blob.type);
    response.setHeader("Content-Length", content.length);
    response.setHeader("Docker-Content-Digest", digest);
    response.end(request.method === "HEAD" ? undefined : content);
  }

  #isWelcome(request: IncomingMessage): boolean {
    const access = this.#access;
    if (access.kind === "open") return true;
    const said = request.headers.authorization ?? "";
    return access.kind === "basic" ? said === basic(access) : said === `Bearer ${TOKEN}`;
  }

  #giveToken(request: IncomingMessage, response: ServerResponse): void {
    const access = this.#access;
    if (access.kind !== "token") return send(response, 404, {});
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const said = new URLSearchParams(body);
      const isKnown =
        request.method === "POST"
          ? said.get("refresh_token") === access.identityToken
          : request.headers.authorization === basic(access);
      if (isKnown) send(response, 200, { token: TOKEN, access_token: TOKEN, expires_in: 300 });
      else send(response, 401, { errors: [{ code: "UNAUTHORIZED", message: "incorrect username or password" }] });
    });
  }
}

function basic({ username, password }: { readonly username: string; readonly password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.statusCode = status;
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify(body));
}

function digestOf(content: Buffer): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}
