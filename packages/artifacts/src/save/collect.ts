import type { Dirent } from "node:fs";
import { lstat, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import {
  advance,
  hasSystemCode,
  isMatch,
  literalTrack,
  MAX_ALTERNATIVES,
  parseGlob,
  start,
  type Positions,
  type Track,
  WaybillError,
} from "@waybill/core";
import { MAX_ENTRIES } from "../manifest/manifest.ts";
import { unsafeLink, unsafePattern } from "../paths.ts";

/** What an artifact is made of. Paths are relative to the workspace, with `/`. */
export interface Collected {
  /** Every directory before those inside it. */
  readonly directories: ReadonlySet<string>;
  readonly files: readonly string[];
  readonly links: readonly { readonly path: string; readonly target: string }[];
}

interface Pattern {
  readonly text: string;
  readonly tracks: readonly Track[];
}

/** How far a pattern has got on the way down to a directory. */
interface Progress {
  readonly pattern: Pattern;
  readonly positions: readonly Positions[];
  /** The pattern names this directory or one above it. */
  readonly matched: boolean;
}

interface Directory {
  readonly path: string;
  readonly includes: readonly Progress[];
  readonly excludes: readonly Progress[];
}

/**
 * Finds what the patterns of an artifact name. A directory that is named stands for everything below it; `!` before a
 * pattern takes out what it names. Links are never followed.
 *
 * @param isOptional patterns that match nothing are no error
 * @returns null where nothing at all of an optional artifact is there
 * @throws WaybillError `ARTIFACT_MISSING` `ARTIFACT_UNSAFE` `ARTIFACT_TOO_MANY_FILES`
 */
export async function collect(
  workspace: string,
  artifact: string,
  patterns: readonly string[],
  isOptional = false,
): Promise<Collected | null> {
  const parsed = await Promise.all(
    patterns.map((text) => parsePattern(workspace, artifact, text.startsWith("!") ? text.slice(1) : text)),
  );
  const includes = parsed.filter((_, position) => patterns[position]?.startsWith("!") !== true);
  const excludes = parsed.filter((_, position) => patterns[position]?.startsWith("!") === true);

  const directories = new Set<string>();
  const files: string[] = [];
  const links: { path: string; target: string }[] = [];
  const unmatched = new Set(includes);
  const open: Directory[] = [{ path: "", includes: includes.map(begin), excludes: excludes.map(begin) }];

  for (let directory = open.pop(); directory !== undefined; directory = open.pop()) {
    for (const entry of await entriesOf(workspace, artifact, directory.path)) {
      const path = directory.path === "" ? entry.name : `${directory.path}/${entry.name}`;
      const excluded = directory.excludes.map((progress) => step(progress, entry.name));
      if (excluded.some((progress) => progress.matched)) continue;
      const included = directory.includes.map((progress) => step(progress, entry.name)).filter(isAlive);
      const matched = included.filter((progress) => progress.matched);
      if (entry.isDirectory()) {
        if (matched.length > 0) addWithParents(directories, path);
        checkCount(artifact, directories.size);
        if (included.length > 0) open.push({ path, includes: included, excludes: excluded.filter(isAlive) });
        continue;
      }
      if (matched.length === 0) continue;
      if (entry.isFile()) {
        files.push(path);
      } else if (entry.isSymbolicLink()) {
        links.push({ path, target: await readSafeLink(workspace, artifact, path) });
      } else {
        const detail = "it is neither a file nor a directory nor a link";
        throw new WaybillError("ARTIFACT_UNSAFE", { artifact, path, detail });
      }
      addWithParents(directories, directory.path);
      for (const { pattern } of matched) unmatched.delete(pattern);
      checkCount(artifact, files.length + links.length);
    }
  }

  if (isOptional) return files.length + links.length === 0 ? null : { directories, files, links };
  if (unmatched.size > 0 || includes.length === 0) {
    const missing = unmatched.size > 0 ? [...unmatched].map((pattern) => pattern.text) : patterns;
    const quoted = missing.map((text) => `"${text}"`).join(", ");
    throw new WaybillError("ARTIFACT_MISSING", { artifact, patterns: quoted });
  }
  return { directories, files, links };
}

async function entriesOf(workspace: string, artifact: string, path: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(join(workspace, path), { withFileTypes: true });
  } catch (error) {
    // The name as text has a replacement character where its bytes are none, so it leads nowhere.
    if (!path.includes("\ufffd") || !hasSystemCode(error, "ENOENT")) throw error;
    const detail = "its name is not valid UTF-8";
    throw new WaybillError("ARTIFACT_UNSAFE", { artifact, path, detail }, { cause: error });
  }
}

function checkCount(artifact: string, count: number): void {
  if (count > MAX_ENTRIES) throw new WaybillError("ARTIFACT_TOO_MANY_FILES", { artifact, limit: MAX_ENTRIES });
}

/** A path that exists just as it is written means itself, whatever characters it has: `report [1].html`. */
async function parsePattern(workspace: string, artifact: string, text: string): Promise<Pattern> {
  const unsafe = unsafePattern(text);
  if (unsafe !== null) throw new WaybillError("ARTIFACT_UNSAFE", { artifact, path: text, detail: unsafe });
  if (await exists(join(workspace, text))) return { text, tracks: [literalTrack(text)] };
  const tracks = parseGlob(text);
  if (tracks !== null) return { text, tracks };
  const detail = `its braces stand for more than ${MAX_ALTERNATIVES} patterns`;
  throw new WaybillError("ARTIFACT_UNSAFE", { artifact, path: text, detail });
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "ENAMETOOLONG"].some((code) => hasSystemCode(error, code))) return false;
    throw error;
  }
}

function begin(pattern: Pattern): Progress {
  const positions = pattern.tracks.map(start);
  return { pattern, positions, matched: isAnyMatch(pattern, positions) };
}

function step(progress: Progress, name: string): Progress {
  if (progress.matched) return progress;
  const { pattern } = progress;
  const positions = progress.positions.map((at, index) => advance(pattern.tracks[index] ?? [], at, name));
  return { pattern, positions, matched: isAnyMatch(pattern, positions) };
}

function isAnyMatch(pattern: Pattern, positions: readonly Positions[]): boolean {
  return pattern.tracks.some((track, index) => isMatch(track, positions[index] ?? []));
}

function isAlive(progress: Progress): boolean {
  return progress.matched || progress.positions.some((positions) => positions.length > 0);
}

async function readSafeLink(workspace: string, artifact: string, path: string): Promise<string> {
  const target = await readlink(join(workspace, path));
  const detail = unsafeLink(path, target);
  if (detail !== null) throw new WaybillError("ARTIFACT_UNSAFE", { artifact, path, detail });
  return target;
}

/** Parents go in first: a set keeps the order in which things were added. */
function addWithParents(directories: Set<string>, path: string): void {
  if (path === "" || directories.has(path)) return;
  addWithParents(directories, path.slice(0, Math.max(path.lastIndexOf("/"), 0)));
  directories.add(path);
}
