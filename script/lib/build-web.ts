import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { build } from "vite";
import { bundledModules, MODULE_LIST } from "./bundled-modules.ts";

/** What the pages are built from, besides what the lock file names. */
const INPUTS = [
  "apps/web/src",
  "apps/web/index.html",
  "apps/web/package.json",
  "apps/web/vite.config.ts",
  "package-lock.json",
  "script/lib/build-web.ts",
  "script/lib/bundled-modules.ts",
];
const STAMP = "build.stamp";
/** Smaller ones grow by their headers. */
const WORTH_COMPRESSING = 1_000;
const COMPRESSED = new Set([".css", ".html", ".js", ".json", ".svg"]);

const compressBrotli = promisify(brotliCompress);
const compressGzip = promisify(gzip);

export interface BuiltWeb {
  /** Absolute; holds `index.html` and `assets/`, each with its compressed forms. */
  readonly directory: string;
  /** Relative to the checkout: whose licences go along. */
  readonly modules: readonly string[];
  readonly isFresh: boolean;
}

/** Builds the pages of `apps/web`, where what they are built from has changed since. */
export async function buildWeb(root: string): Promise<BuiltWeb> {
  const directory = join(root, "apps/web/dist");
  const stamp = fingerprintOf(root);
  const isFresh = (await readOrNull(join(directory, STAMP))) !== stamp;
  if (isFresh) {
    // Beside, and then in one step: tests may build at the same time, and servers read what is there.
    const made = join(root, `.cache/web-${process.pid}`);
    await buildInto(root, made);
    await compressAll(made);
    await writeFile(join(made, STAMP), stamp);
    await rm(directory, { recursive: true, force: true });
    await rename(made, directory).catch(async (error: NodeJS.ErrnoException) => {
      // Somebody else has put the same there.
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
      await rm(made, { recursive: true, force: true });
    });
  }
  const modules = JSON.parse(await readFile(join(directory, MODULE_LIST), "utf8")) as readonly string[];
  return { directory, modules, isFresh };
}

/** Within a test run as well it is the pages that people get: React is another one where NODE_ENV says `test`. */
async function buildInto(root: string, outDir: string): Promise<void> {
  const before = process.env["NODE_ENV"];
  process.env["NODE_ENV"] = "production";
  try {
    await build({
      configFile: join(root, "apps/web/vite.config.ts"),
      plugins: [bundledModules()],
      build: { outDir },
      logLevel: "warn",
      mode: "production",
    });
  } finally {
    if (before === undefined) delete process.env["NODE_ENV"];
    else process.env["NODE_ENV"] = before;
  }
}

async function compressAll(directory: string): Promise<void> {
  const names = filesBelow(directory).filter((name) => COMPRESSED.has(extname(name)) && name !== MODULE_LIST);
  await Promise.all(
    names.map(async (name) => {
      const path = join(directory, name);
      const bytes = await readFile(path);
      if (bytes.length < WORTH_COMPRESSING) return;
      const params = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
      await writeFile(`${path}.br`, await compressBrotli(bytes, { params }));
      await writeFile(`${path}.gz`, await compressGzip(bytes, { level: 9 }));
    }),
  );
}

function fingerprintOf(root: string): string {
  const hash = createHash("sha256");
  for (const input of INPUTS) {
    const path = join(root, input);
    const files = statSync(path).isDirectory() ? filesBelow(path).map((name) => join(path, name)) : [path];
    for (const file of files) {
      if (/\.test\.tsx?$/.test(file)) continue;
      hash
        .update(`${file.slice(root.length)}\0`)
        .update(readFileSync(file))
        .update("\0");
    }
  }
  return `${hash.digest("hex")}\n`;
}

/** Names of files, relative to the directory, sorted. */
export function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8", withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort();
}

async function readOrNull(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return null;
  }
}
