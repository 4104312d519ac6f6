import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { build, type Metafile } from "esbuild";

const root = join(import.meta.dirname, "..");
const outputDirectory = join(root, "apps/cli/dist");

/**
 * The program's entry. V8's compile cache works only for modules loaded after it was switched on, so the entry
 * imports nothing but `node:module` and loads the rest dynamically. The cache lies beside the program where that can
 * be written, else in the user's own cache directory: never in a shared temporary directory, where somebody else
 * could put code into it.
 */
const ENTRY = `#!/usr/bin/env node
import { constants, enableCompileCache } from "node:module";

const { FAILED } = constants.compileCacheStatus;
if (enableCompileCache(import.meta.dirname + "/.cache").status === FAILED) {
  const caches = process.env.XDG_CACHE_HOME ?? (process.env.HOME && process.env.HOME + "/.cache");
  if (caches) enableCompileCache(caches + "/waybill/compile");
}
await import("./main.js");
`;

/** CommonJS dependencies call `require` for Node's own modules, which an ES module does not have by itself. */
const REQUIRE_BANNER =
  'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);';

/**
 * Bundles the command line. Names stay readable in stack traces, every dynamic import becomes a file of its own (so
 * that a command loads only what it uses), and nothing is left to resolve at run time but Node's own modules.
 */
async function buildCommandLine(): Promise<Metafile> {
  const result = await build({
    absWorkingDir: root,
    entryPoints: { main: "apps/cli/src/main.ts" },
    outdir: outputDirectory,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    packages: "bundle",
    minifyWhitespace: true,
    minifySyntax: true,
    sourcemap: "linked",
    sourcesContent: false,
    legalComments: "linked",
    chunkNames: "chunks/[name]-[hash]",
    banner: { js: REQUIRE_BANNER },
    metafile: true,
    logLevel: "warning",
  });
  return result.metafile;
}

/** Removes what earlier builds left. Only after the new files are there: a running program may still load old ones. */
async function removeStale(metafile: Metafile): Promise<void> {
  const current = new Set(Object.keys(metafile.outputs).map((path) => join(root, path)));
  for (const entry of await readdir(outputDirectory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const isCache = relative(outputDirectory, path).startsWith(".cache");
    if (entry.isFile() && !isCache && !current.has(path)) await rm(path);
  }
}

async function main(): Promise<void> {
  const startedAt = performance.now();
  await mkdir(outputDirectory, { recursive: true });
  const metafile = await buildCommandLine();
  await removeStale(metafile);
  // Last, and always written anew: its time says how old the build is.
  await writeFile(join(outputDirectory, "waybill.js"), ENTRY, { mode: 0o755 });
  const bytes = Object.entries(metafile.outputs)
    .filter(([path]) => path.endsWith(".js"))
    .reduce((sum, [, output]) => sum + output.bytes, 0);
  const milliseconds = Math.round(performance.now() - startedAt);
  console.log(`Built apps/cli/dist/waybill.js: ${Math.round(bytes / 1024)} KiB in ${milliseconds} ms`);
}

try {
  await main();
} catch (error) {
  // Errors in the sources were shown by esbuild, with their places; anything else is a defect of this script.
  if (!(error instanceof Error && "errors" in error)) throw error;
  process.exitCode = 1;
}
