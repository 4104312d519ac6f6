import { WaybillError } from "@waybill/core";
import { lstat, mkdir, open, rm, symlink } from "node:fs/promises";
import { dirname, join, normalize, resolve, sep } from "node:path";
import { Readable } from "node:stream";
import { extract, type Headers } from "tar-stream";

const MAX_ENTRIES = 1_000_000;

/**
 * Unpacks an artifact's archive into a directory, and nothing outside of it: names and links that lead out are refused, and
 * nothing is written through a link. Links are made last.
 *
 * @throws WaybillError `SERVER_ANSWER_INVALID`
 */
export async function unpackArchive(
  chunks: AsyncIterable<Uint8Array>,
  directory: string,
  server: string,
): Promise<{ readonly files: number }> {
  const refuse = (problem: string): WaybillError => new WaybillError("SERVER_ANSWER_INVALID", { url: server, problem });
  const links: { readonly path: string; readonly target: string }[] = [];
  const archive = extract();
  const source = Readable.from(chunks, { objectMode: false });
  source.on("error", (error) => archive.destroy(error));
  source.pipe(archive);
  let files = 0;
  let entries = 0;
  try {
    for await (const entry of archive) {
      entries += 1;
      if (entries > MAX_ENTRIES) throw refuse("the archive has too many entries");
      const path = inside(directory, entry.header.name);
      if (path === null) throw refuse(`the archive has the name ${JSON.stringify(entry.header.name.slice(0, 200))}`);
      await makeParents(directory, dirname(path), refuse);
      files += await write(entry, entry.header, path, links, directory, refuse);
    }
  } catch (error) {
    source.destroy();
    if (error instanceof WaybillError || hasErrno(error)) throw error;
    throw refuse(`the archive is damaged: ${error instanceof Error ? error.message : String(error)}`);
  }
  for (const { path, target } of links) {
    await rm(path, { force: true });
    await symlink(target, path);
  }
  return { files: files + links.length };
}

/** @returns how many files were written */
async function write(
  entry: Readable,
  header: Headers,
  path: string,
  links: { readonly path: string; readonly target: string }[],
  directory: string,
  refuse: (problem: string) => WaybillError,
): Promise<number> {
  const { type, linkname, mode = 0o644 } = header;
  if (type === "directory") {
    await makeParents(directory, path, refuse);
    entry.resume();
    return 0;
  }
  if (type === "symlink") {
    const target = linkname ?? "";
    if (target.startsWith("/") || !isBelow(directory, resolve(dirname(path), target))) {
      throw refuse("the archive has a link that leads out of it");
    }
    links.push({ path, target });
    entry.resume();
    return 0;
  }
  if (type !== "file") throw refuse(`the archive has a ${String(type)}`);
  await rm(path, { force: true, recursive: true });
  // Made anew: what is at the name, a link say, is not written through.
  await using file = await open(path, "wx", mode & 0o777);
  // Not piped: an archive that is cut off would leave the pipe waiting.
  for await (const chunk of entry as AsyncIterable<Uint8Array>) await file.writeFile(chunk);
  return 1;
}

async function makeParents(root: string, path: string, refuse: (problem: string) => WaybillError): Promise<void> {
  if (path === root || path === dirname(root)) return;
  await makeParents(root, dirname(path), refuse);
  try {
    await mkdir(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    if (!(await lstat(path)).isDirectory()) throw refuse(`a link or file is in the way of ${path}`);
  }
}

function inside(directory: string, name: string): string | null {
  const path = normalize(join(directory, name)).replace(/\/+$/, "");
  if (name === "" || name.startsWith("/") || name.includes("\0")) return null;
  return isBelow(directory, path) && path !== directory ? path : null;
}

function isBelow(directory: string, path: string): boolean {
  return path === directory || path.startsWith(directory + sep);
}

function hasErrno(error: unknown): boolean {
  return error instanceof Error && "errno" in error;
}
