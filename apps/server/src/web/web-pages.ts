import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";

/** What of a request decides about its answer. */
export interface WebRequest {
  readonly method: string;
  /** With its query. */
  readonly url: string;
  readonly accept: string;
  readonly acceptEncoding: string;
  readonly ifNoneMatch: string;
}

export interface WebAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Null: none is sent. */
  readonly bytes: Buffer | null;
}

interface WebFile {
  readonly type: string;
  readonly isHashed: boolean;
  readonly encodings: ReadonlySet<string>;
}

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

/** Nothing but our own files, and requests to our own server. Styles that scripts set on elements are no matter of it. */
export const WEB_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

const FOREVER = "public, max-age=31536000, immutable";
/** Best first. */
const ENCODINGS = [
  ["br", ".br"],
  ["gzip", ".gz"],
] as const;
/** What is asked of these is never a page. */
const NO_PAGES = /^\/(?:v1|webhooks|assets|health|ready|metrics|openapi\.json)(?:\/|$)/;

/**
 * The built files of `apps/web`: what is hashed is kept for ever, and any address that a browser wants a page of and the
 * API does not have is the one page that shows all others.
 */
export class WebPages {
  readonly #directory: string;
  readonly #files: ReadonlyMap<string, WebFile>;
  readonly #read = new Map<string, Promise<{ readonly bytes: Buffer; readonly etag: string }>>();

  /** @param directory of the built files, with their compressed forms beside them */
  constructor(directory: string) {
    this.#directory = directory;
    this.#files = filesOf(directory);
  }

  /** @returns null: it is not for a page or one of its files */
  async answer(request: WebRequest): Promise<WebAnswer | null> {
    if (request.method !== "GET" && request.method !== "HEAD") return null;
    const path = request.url.split(/[?#]/)[0] ?? "/";
    const isFile = this.#files.has(path.slice(1)) && path !== "/index.html";
    if (!isFile && (NO_PAGES.test(path) || !/\btext\/html\b/.test(request.accept))) return null;
    const name = isFile ? path.slice(1) : "index.html";
    const file = this.#files.get(name);
    if (file === undefined) return null;
    const encoding = ENCODINGS.find(([each]) => file.encodings.has(each) && accepts(request.acceptEncoding, each));
    const { bytes, etag } = await this.#bytesOf(`${name}${encoding?.[1] ?? ""}`);
    const headers = {
      "content-type": file.type,
      "cache-control": file.isHashed ? FOREVER : "no-cache",
      etag,
      vary: "Accept-Encoding, Accept",
      "content-security-policy": WEB_POLICY,
      ...(encoding === undefined ? {} : { "content-encoding": encoding[0] }),
    };
    if (request.ifNoneMatch.includes(etag)) return { status: 304, headers, bytes: null };
    return { status: 200, headers, bytes: request.method === "HEAD" ? null : bytes };
  }

  #bytesOf(name: string): Promise<{ readonly bytes: Buffer; readonly etag: string }> {
    let reading = this.#read.get(name);
    if (reading === undefined) {
      reading = readFile(join(this.#directory, name)).then((bytes) => ({
        bytes,
        etag: `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`,
      }));
      this.#read.set(name, reading);
      // One that could not be read is tried again.
      reading.catch(() => this.#read.delete(name));
    }
    return reading;
  }
}

function filesOf(directory: string): ReadonlyMap<string, WebFile> {
  const names = new Set(readdirSync(directory, { recursive: true, encoding: "utf8" }));
  const files = new Map<string, WebFile>();
  for (const name of names) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const encodings = new Set(ENCODINGS.flatMap(([encoding, end]) => (names.has(`${name}${end}`) ? [encoding] : [])));
    files.set(name, { type, isHashed: name.startsWith("assets/"), encodings });
  }
  return files;
}

function accepts(header: string, encoding: string): boolean {
  return header
    .toLowerCase()
    .split(",")
    .some((part) => {
      const [name = "", ...parameters] = part.split(";").map((text) => text.trim());
      return name === encoding && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
    });
}
