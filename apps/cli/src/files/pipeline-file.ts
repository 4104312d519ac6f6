import { hasSystemCode, WaybillError } from "@waybill/core";
import { statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import type { CommandContext } from "../context.ts";
import { readBounded, readStream } from "./read-bounded.ts";

/**
 * Looked for in this order in each directory: the file names of all formats. Listed here because commands such as
 * `logs` look for the project without loading the parser; a test compares the list with the formats.
 */
export const PIPELINE_FILE_NAMES = [
  "waybill.yaml",
  "waybill.yml",
  ".waybill.yaml",
  ".waybill.yml",
  ".shipinator.yaml",
  ".shipinator.yml",
] as const;

/** As much as the parser takes; a longer text is refused before it fills memory. */
const MAX_PIPELINE_BYTES = 8 * 1024 * 1024;

/** Standard input, as a FILE argument. */
export const STDIN = "-";

export interface PipelineText {
  /** As the user gave it, or relative to the working directory where it was found. */
  readonly name: string;
  /** Absolute; the directory of the file, or the working directory for standard input. */
  readonly projectDirectory: string;
  readonly bytes: Uint8Array;
}

/**
 * Reads the pipeline file a command is about.
 *
 * @param file - as given: a file, a directory that has one, `-`; undefined: the nearest one upwards
 * @param command - name of the command, for advice
 * @throws WaybillError `CLI_NO_PIPELINE`, `CLI_FILE_*`
 */
export async function readPipelineFile(
  context: CommandContext,
  file: string | undefined,
  command: string,
): Promise<PipelineText> {
  if (file === STDIN) {
    const bytes = await readStream(context.stdin, "<stdin>", MAX_PIPELINE_BYTES);
    return { name: "<stdin>", projectDirectory: context.cwd, bytes };
  }
  const path = file === undefined ? findUpwards(context.cwd, command) : fileOf(context, file, command);
  const name = file !== undefined && resolve(context.cwd, file) === path ? file : relative(context.cwd, path);
  return { name, projectDirectory: dirname(path), bytes: readBounded(path, name, MAX_PIPELINE_BYTES) };
}

/**
 * Directory of the nearest pipeline file upwards: the project that `runs` and `logs` are about.
 *
 * @throws WaybillError `CLI_NO_PIPELINE`
 */
export function findProject(context: CommandContext, command: string): string {
  return dirname(findUpwards(context.cwd, command));
}

function fileOf(context: CommandContext, file: string, command: string): string {
  // An empty name would resolve to the working directory; it is more likely an unset shell variable.
  if (file === "") throw new WaybillError("CLI_FILE_NOT_FOUND", { file });
  const path = resolve(context.cwd, file);
  if (!isDirectory(path)) return path;
  const found = pipelineIn(path);
  if (found === null) throw new WaybillError("CLI_NO_PIPELINE", { directory: file, above: "", command });
  return found;
}

function findUpwards(start: string, command: string): string {
  for (let directory = start; ; directory = dirname(directory)) {
    const found = pipelineIn(directory);
    if (found !== null) return found;
    if (dirname(directory) === directory) break;
  }
  throw new WaybillError("CLI_NO_PIPELINE", { directory: start, above: " or any directory above it", command });
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** A directory of that name is somebody's directory, not a pipeline file. */
function pipelineIn(directory: string): string | null {
  const path = PIPELINE_FILE_NAMES.map((name) => join(directory, name)).find(mayBeFile);
  return path ?? null;
}

/** What cannot be looked at may be one: reading it says what is wrong. */
function mayBeFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === false;
  } catch (error) {
    return hasSystemCode(error, "EACCES") || hasSystemCode(error, "ELOOP");
  }
}
