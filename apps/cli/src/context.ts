import { systemClock, WaybillError, type Clock } from "@waybill/core";
import type { ExitCode } from "./exit-codes.ts";
import { HiddenTexts } from "./text/hidden-texts.ts";

/** What a command sees of the process it runs in. Results go to `stdout`, everything else to `stderr`. */
export interface CommandContext {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly clock: Clock;
  /** Secrets the command was given: taken out of its errors. */
  readonly hidden: HiddenTexts;
}

/** The part of a command that does the work; it is loaded only when the command is called. */
export type Action = (context: CommandContext) => Promise<ExitCode>;

/** Runs an action and takes its exit code. Command declarations get it from outside: see `createProgram`. */
export type Runner = (action: Action) => Promise<void>;

/**
 * The process as a context. Standard streams are set up when they are first used: each takes a millisecond that most
 * commands need not spend.
 *
 * @param prepare - called once with each output stream before its first use
 */
export function processContext(prepare: (stream: NodeJS.WriteStream) => void): CommandContext {
  const stdout = once(() => prepared(process.stdout, prepare));
  const stderr = once(() => prepared(process.stderr, prepare));
  return {
    // Asked for when it is needed: commands that need none also work in a directory that was removed.
    get cwd() {
      return workingDirectory();
    },
    env: process.env,
    get stdin() {
      return process.stdin;
    },
    get stdout() {
      return stdout();
    },
    get stderr() {
      return stderr();
    },
    clock: systemClock,
    hidden: new HiddenTexts(),
  };
}

function prepared<Stream>(stream: Stream, prepare: (stream: Stream) => void): Stream {
  prepare(stream);
  return stream;
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | null = null;
  return () => (made ??= { value: make() }).value;
}

/** @throws WaybillError `CLI_NO_WORKING_DIRECTORY` where somebody removed the directory the command runs in */
function workingDirectory(): string {
  try {
    return process.cwd();
  } catch (error) {
    throw new WaybillError("CLI_NO_WORKING_DIRECTORY", {}, { cause: error });
  }
}

/**
 * Writes text or bytes. Where the reader is slower than the command there is a promise to wait for, so that what is not read
 * yet does not fill our memory.
 */
export function write(stream: NodeJS.WritableStream, text: string | Uint8Array): Promise<void> | undefined {
  if (text.length === 0 || !stream.writable || stream.write(text)) return undefined;
  // Whoever reads may also leave: what was queued then is nobody's.
  return new Promise<void>((resolve) => {
    const settle = (): void => {
      for (const event of ["drain", "close", "error"]) stream.off(event, settle);
      resolve();
    };
    for (const event of ["drain", "close", "error"]) stream.on(event, settle);
  });
}

/** One JSON document on stdout: indented for a person, on one line for a program. */
export async function writeJson(context: CommandContext, value: unknown): Promise<void> {
  await write(context.stdout, `${JSON.stringify(value, null, context.stdout.isTTY ? 2 : 0)}\n`);
}
