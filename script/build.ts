import { cp, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { build, transform, type TransformOptions } from "esbuild";
import { buildWeb, filesBelow } from "./lib/build-web.ts";
import { licencesOf } from "./lib/licences.ts";
import { directBuiltins, treeShakenYaml } from "./lib/start-up-plugins.ts";

const root = join(import.meta.dirname, "..");
const outputDirectory = join(root, "apps/cli/dist");

/**
 * The entry of a program. V8's compile cache works only for modules loaded after it was switched on, so the entry does
 * nothing else before it loads the program. The cache lies beside the program where that can be written, else in the
 * user's own cache directory: never in a shared temporary directory, where somebody else could put code into it.
 * `--` keeps Node from taking options of ours, such as `--env-file`, for its own.
 */
function entryOf(program: string): string {
  return `#!/usr/bin/env -S node --
const { constants, enableCompileCache } = require("node:module");

const { FAILED } = constants.compileCacheStatus;
if (enableCompileCache(__dirname + "/.cache").status === FAILED) {
  const caches = process.env.XDG_CACHE_HOME ?? (process.env.HOME && process.env.HOME + "/.cache");
  if (caches) enableCompileCache(caches + "/waybill/compile");
}
require("./${program}.js");
`;
}

/** Programs by the name they are called by: files in `dist`, the one that it begins with first, and their sources. */
const PROGRAMS = {
  waybill: {
    program: "apps/cli/src/main.ts",
    // A thread is begun by its file: the pool looks for it beside itself.
    "reader-thread": "packages/database/src/sqlite/readers/reader-thread.ts",
  },
  slippy: { "slippy-program": "apps/cli/src/slippy/main.ts" },
} as const;

const SHARED = {
  platform: "node",
  target: "node24",
  minify: true,
  sourcesContent: false,
  legalComments: "none",
  logLevel: "warning",
} as const;

const TO_COMMON_JS: TransformOptions = {
  ...SHARED,
  format: "cjs",
  sourcemap: "external",
  define: { "import.meta.dirname": "__dirname", "import.meta.filename": "__filename" },
  // `require` for `import()`: the loader of ES modules is not started for it.
  supported: { "dynamic-import": false },
};

interface Bundle {
  /** Names of the files in `dist`. */
  readonly files: ReadonlyMap<string, string>;
  /** Paths of all that is bundled, relative to the checkout. */
  readonly sources: readonly string[];
}

/**
 * Bundles the command line: what every command needs in one file, what stands behind a dynamic import in others, which
 * commands share. Only ES modules can be split so, but Node starts CommonJS faster (no links to resolve), so each file
 * becomes that in a second pass. Nothing is left to resolve at run time but Node's own modules and these files; stack
 * traces are made readable by the source maps.
 */
async function bundle(entries: Readonly<Record<string, string>>): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    ...SHARED,
    absWorkingDir: root,
    entryPoints: { ...entries },
    outdir: outputDirectory,
    bundle: true,
    splitting: true,
    format: "esm",
    packages: "bundle",
    sourcemap: "inline",
    plugins: [directBuiltins, treeShakenYaml(root)],
    // What is found beside the program is found by where CommonJS says that is.
    define: { "import.meta.dirname": "__dirname" },
    metafile: true,
    write: false,
  });
  const files = new Map<string, string>();
  const converted = outputFiles.map(async ({ path, text }) => {
    const name = basename(path);
    const { code, map } = await transform(text, { ...TO_COMMON_JS, sourcefile: name });
    files.set(name, `${code}//# sourceMappingURL=${name}.map\n`);
    files.set(`${name}.map`, map);
  });
  await Promise.all(converted);
  return { files, sources: Object.keys(metafile.inputs) };
}

/** Whatever earlier builds left, their compile cache included, which no program will ask for again. */
async function removeStale(names: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(outputDirectory)) {
    if (!names.has(name)) await rm(join(outputDirectory, name), { recursive: true, force: true });
  }
}

/** The pages go with the program. */
async function copyWeb(from: string): Promise<void> {
  const target = join(outputDirectory, "web");
  const names = filesBelow(from).filter((name) => name === "index.html" || /^(?:index\.html\.|assets\/)/.test(name));
  const wanted = new Set(names);
  await mkdir(join(target, "assets"), { recursive: true });
  for (const name of filesBelow(target)) if (!wanted.has(name)) await rm(join(target, name));
  // The page that names the others comes last.
  for (const name of names.toSorted((a, b) => dirname(b).length - dirname(a).length)) {
    await cp(join(from, name), join(target, name));
  }
}

async function main(): Promise<void> {
  const startedAt = performance.now();
  await mkdir(outputDirectory, { recursive: true });
  // Each by itself: what they share would be cut into more files, and every file takes time to load.
  const bundles = await Promise.all(Object.values(PROGRAMS).map(bundle));
  const files = new Map(bundles.flatMap((each) => [...each.files]));
  const sources = [...new Set(bundles.flatMap((each) => each.sources))];
  const web = await buildWeb(root);
  const others = {
    "THIRD-PARTY.txt": licencesOf(root, [...sources, ...web.modules]),
    "package.json": '{ "type": "commonjs" }\n',
  };
  const all = new Map([...files, ...Object.entries(others)]);
  await Promise.all(Array.from(all, ([name, text]) => writeFile(join(outputDirectory, name), text)));
  await copyWeb(web.directory);
  const entries = Object.entries(PROGRAMS).map(
    ([name, sourcesOf]) => [`${name}.js`, entryOf(Object.keys(sourcesOf)[0] ?? name)] as const,
  );
  await removeStale(new Set([...all.keys(), ...entries.map(([name]) => name), "web"]));
  // Last, and always written anew: the time of these says how old the build is.
  await Promise.all(entries.map(([name, text]) => writeFile(join(outputDirectory, name), text, { mode: 0o755 })));
  const bytes = Array.from(files).reduce((sum, [name, text]) => sum + (name.endsWith(".js") ? text.length : 0), 0);
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
