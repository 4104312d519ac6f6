import { WaybillError } from "@waybill/core";
import { DEFAULT_PLACE, type ExecutionSpec } from "@waybill/engine";
import { createHash } from "node:crypto";
import { existsSync, lchownSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { readSmallFile, systemErrorCode, writePrivateFile } from "../files/hostile-file.ts";

const MAX_ID_BYTES = 200;
/** What one step may hand on. */
const MAX_VALUES_BYTES = 1_048_576;
const MAX_RECORD_BYTES = 65_536;

const placeSchema = z.object({
  resources: z.object({
    memory: z.nullable(z.number()),
    cpus: z.nullable(z.number()),
    pids: z.nullable(z.number()),
  }),
  isolation: z.object({
    user: z.enum(["default", "root"]),
    rootFilesystem: z.enum(["writable", "read_only"]),
    network: z.enum(["default", "none"]),
  }),
  pullPolicy: z.enum(["missing", "always", "never"]),
});

const recordSchema = z.object({
  spec: z.object({
    executionId: z.string(),
    runId: z.string(),
    jobName: z.string(),
    attempt: z.number(),
    workspace: z.string(),
    // Records of earlier versions have neither of these.
    images: z.optional(z.array(z.nullable(z.string()))),
    place: z.optional(placeSchema),
  }),
  supervisor: z.string(),
});

/** What a later process needs to find an execution again. */
export interface ExecutionRecord {
  readonly spec: ExecutionSpec;
  /** The host's own reference to the supervisor: a process id, a container id. */
  readonly supervisor: string;
}

/** Who owns what we write for the steps of an execution. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** How a step ended, as its `exit` file tells. */
export type RecordedEnd =
  | { readonly type: "ended"; readonly code: number }
  /** Not written, or not yet to its end. */
  | { readonly type: "open" }
  /** The file is not what the supervisor writes. */
  | { readonly type: "invalid" };

/**
 * The files of one execution. Names and meanings: README, "Step protocol". A job may run as our own user and put there
 * what it likes, so nothing is followed, nothing is read beyond a bound, and nothing read is believed beyond the job.
 *
 * Calls are synchronous: they touch a few bytes in the page cache, where a trip through the thread pool costs five
 * times the system call.
 */
export class ControlDirectory {
  readonly path: string;
  #owner: Owner | null = null;

  constructor(path: string) {
    this.path = path;
  }

  /** Steps run as somebody else: the directory and all files written from now on are theirs. We must be root. */
  giveTo(owner: Owner): void {
    lchownSync(this.path, owner.uid, owner.gid);
    this.#owner = owner;
  }

  /** The same for a directory that an earlier process of ours gave away. */
  belongsTo(owner: Owner): void {
    this.#owner = owner;
  }

  /** False: it was there already. */
  create(): boolean {
    try {
      mkdirSync(this.path, { mode: 0o700 });
      return true;
    } catch (error) {
      if (systemErrorCode(error) === "EEXIST") return false;
      throw error;
    }
  }

  exists(): boolean {
    return existsSync(this.path);
  }

  file(name: string): string {
    return `${this.path}/${name}`;
  }

  /**
   * Written once the supervisor runs: a directory without a record never ran a step. It lies beside the directory, out
   * of reach of a job that sees nothing else of this machine: the record says what is mounted for the job's next image.
   * A job that runs as our own user can read it, so it has no secret in it.
   */
  writeRecord({ spec, supervisor }: ExecutionRecord): void {
    const { callback: _, ...kept } = spec;
    writePrivateFile(this.#recordPath, JSON.stringify({ spec: kept, supervisor }));
  }

  removeRecord(): void {
    rmSync(this.#recordPath, { force: true });
  }

  /** No escaped id has an `@`. */
  get #recordPath(): string {
    return `${this.path}@execution.json`;
  }

  /** Null: missing, or not what we write. */
  readRecord(): ExecutionRecord | null {
    const content = readSmallFile(this.#recordPath, MAX_RECORD_BYTES);
    if (content === null || content === "refused") return null;
    try {
      const parsed = z.safeParse(recordSchema, JSON.parse(content.text));
      if (!parsed.success) return null;
      const { spec, supervisor } = parsed.data;
      return { spec: { ...spec, images: spec.images ?? [], place: spec.place ?? DEFAULT_PLACE }, supervisor };
    } catch {
      return null;
    }
  }

  /** @param pipes the step needs pipes for its output (`reopensOutput`) */
  writeStep(key: string, script: string, environment: string, pipes: boolean): void {
    if (pipes) this.#write(`${key}.pipes`, "");
    this.#write(`${key}.env`, environment);
    this.#write(`${key}.sh`, script);
  }

  /**
   * The same where an earlier process of ours may have written the files, all or half of them, and the supervisor may
   * take the step at this very moment: each file is replaced in one piece.
   */
  rewriteStep(key: string, script: string, environment: string, pipes: boolean): void {
    if (pipes && !existsSync(this.file(`${key}.pipes`))) this.#write(`${key}.pipes`, "");
    this.#replace(`${key}.env`, environment);
    this.#replace(`${key}.sh`, script);
  }

  #write(name: string, text: string): void {
    writePrivateFile(this.file(name), text, this.#owner);
  }

  #replace(name: string, text: string): void {
    this.#write(`${name}.new`, text);
    renameSync(this.file(`${name}.new`), this.file(name));
  }

  /** Asks a supervisor that lost its owner for a step. By rename, so that it never reads half a line. */
  requestStep(key: string): void {
    this.#replace("next", `${key}\n`);
  }

  isRequested(key: string): boolean {
    const content = readSmallFile(this.file("next"), 64);
    return content !== null && content !== "refused" && content.text === `${key}\n`;
  }

  /** The supervisor has taken the step. */
  isStarted(key: string): boolean {
    return existsSync(this.file(`${key}.err`)) || existsSync(this.file(`${key}.exit`));
  }

  /** The step's process obeys signals. */
  obeysSignals(key: string): boolean {
    return existsSync(this.file(`${key}.out`));
  }

  isPrepared(key: string): boolean {
    return existsSync(this.file(`${key}.sh`));
  }

  readEnd(key: string): RecordedEnd {
    const content = readSmallFile(this.file(`${key}.exit`), 8);
    if (content === null) return { type: "open" };
    if (content === "refused") return { type: "invalid" };
    if (/^\d{0,3}$/.test(content.text)) return { type: "open" };
    const match = /^(\d{1,3})\n$/.exec(content.text);
    const code = match === null ? 256 : Number(match[1]);
    return code > 255 ? { type: "invalid" } : { type: "ended", code };
  }

  /** What the step wrote to its `WAYBILL_OUTPUT`; null: something that is no file, or too large. */
  readValues(key: string): string | null {
    const content = readSmallFile(this.file(`${key}.values`), MAX_VALUES_BYTES);
    if (content === null) return "";
    return content === "refused" ? null : content.text;
  }

  /** Remembers, also for a later process, that we sent `signal` to the step. */
  writeStop(key: string, signal: "SIGTERM" | "SIGKILL"): void {
    this.#write(`${key}.stop`, signal);
  }

  readStop(key: string): string | null {
    const content = readSmallFile(this.file(`${key}.stop`), 16);
    return content === null || content === "refused" ? null : content.text;
  }

  /** The step that was started and has not ended; null: none. */
  findRunningStep(): string | null {
    for (const name of readdirSync(this.path)) {
      const key = /^(\d+-\d+)\.err$/.exec(name)?.[1];
      if (key !== undefined && this.readEnd(key).type === "open") return key;
    }
    const requested = readSmallFile(this.file("next"), 64);
    if (requested === null || requested === "refused") return null;
    const key = /^(\d+-\d+)\n$/.exec(requested.text)?.[1];
    return key === undefined || this.isStarted(key) ? null : key;
  }
}

/**
 * Where an execution keeps its files below `root`. The name is the id, escaped, so that it can be read back.
 *
 * @throws WaybillError `EXECUTOR_INVALID_ID`
 */
export function controlDirectoryFor(root: string, executionId: string): ControlDirectory {
  let name: string;
  try {
    name = encodeURIComponent(executionId).replace(/^\./, "%2E");
  } catch (cause) {
    throw new WaybillError("EXECUTOR_INVALID_ID", { detail: "not valid Unicode" }, { cause });
  }
  if (name === "") throw new WaybillError("EXECUTOR_INVALID_ID", { detail: "empty" });
  if (name.length > MAX_ID_BYTES) throw new WaybillError("EXECUTOR_INVALID_ID", { detail: "longer than 200 bytes" });
  return new ControlDirectory(join(root, name));
}

/** The ids of the executions below `root`; empty where there is no such directory. */
export function executionIdsIn(root: string): string[] {
  let entries;
  try {
    entries = readdirSync(root, { withFileTypes: true });
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return [];
    throw error;
  }
  return entries.flatMap((entry) => {
    if (!entry.isDirectory()) return [];
    try {
      return [decodeURIComponent(entry.name)];
    } catch {
      return [];
    }
  });
}

/** A short name, the same in every process, for what belongs to the execution but lies elsewhere. */
export function shortNameFor(control: ControlDirectory): string {
  return createHash("sha256").update(control.path).digest("hex").slice(0, 12);
}
