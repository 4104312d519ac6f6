import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build, type BuildOptions } from "esbuild";
import { licencesOf } from "./lib/licences.ts";
import { apart, directBuiltins, treeShakenYaml } from "./lib/start-up-plugins.ts";

const root = join(import.meta.dirname, "..");
const outputDirectory = join(root, "apps/cli/dist");

/**
 * The program's entry. V8's compile cache works only for modules loaded after it was switched on, so the entry does
 * nothing else before it loads the program. The cache lies beside the program where that can be written, else in the
 * user's own cache directory: never in a shared temporary directory, where somebody else could put code into it.
 * `--` keeps Node from taking options of ours, such as `--env-file`, for its own.
 */
const ENTRY = `#!/usr/bin/env -S node --
const { constants, enableCompileCache } = require("node:module");

const { FAILED } = constants.compileCacheStatus;
if (enableCompileCache(__dirname + "/.cache").status === FAILED) {
  const caches = process.env.XDG_CACHE_HOME ?? (process.env.HOME && process.env.HOME + "/.cache");
  if (caches) enableCompileCache(caches + "/waybill/compile");
}
require("./program.js");
`;

/** Measured with `bench/startup.ts`: see docs/decisions/0012. */
const LIBRARIES_APART = {
  kysely: ["kysely", "kysely/migration"],
  pg: ["pg"],
  re2js: ["re2js"],
  "tar-stream": ["tar-stream"],
};

const SHARED: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  format: "cjs",
  platform: "node",
  target: "node24",
  packages: "bundle",
  minify: true,
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
};

/**
 * Bundles the command line into one CommonJS file: Node starts it faster than ES modules in several files (no links to
 * resolve), and what stands behind a dynamic import still runs only when it is called for. Nothing is left to resolve
 * at run time but Node's own modules and the libraries beside it; stack traces are made readable by the source map.
 *
 * @returns the paths of all sources
 */
async function buildCommandLine(): Promise<string[]> {
  const program = build({
    ...SHARED,
    entryPoints: { program: "apps/cli/src/main.ts" },
    outdir: outputDirectory,
    sourcemap: "linked",
    sourcesContent: false,
    plugins: [directBuiltins, treeShakenYaml(root), apart(LIBRARIES_APART)],
  });
  const libraries = Object.entries(LIBRARIES_APART).map(([name, modules]) =>
    build({
      ...SHARED,
      stdin: { contents: modules.map((module) => `export * from "${module}";`).join("\n"), resolveDir: root },
      outfile: join(outputDirectory, "lib", `${name}.js`),
    }),
  );
  const built = await Promise.all([program, ...libraries]);
  return built.flatMap(({ metafile }) => Object.keys(metafile?.inputs ?? {}));
}

/** Whatever earlier builds left, their compile cache included, which no program will ask for again. */
async function removeStale(): Promise<void> {
  for (const name of await readdir(outputDirectory)) {
    if (!/^(?:package\.json|waybill\.js|lib|program\.js.*|THIRD-PARTY\.txt)$/.test(name)) {
      await rm(join(outputDirectory, name), { recursive: true, force: true });
    }
  }
}

async function main(): Promise<void> {
  const startedAt = performance.now();
  await mkdir(outputDirectory, { recursive: true });
  const sources = await buildCommandLine();
  await removeStale();
  await writeFile(join(outputDirectory, "THIRD-PARTY.txt"), licencesOf(root, sources));
  await writeFile(join(outputDirectory, "package.json"), '{ "type": "commonjs" }\n');
  // Last, and always written anew: its time says how old the build is.
  await writeFile(join(outputDirectory, "waybill.js"), ENTRY, { mode: 0o755 });
  const { size } = await stat(join(outputDirectory, "program.js"));
  const milliseconds = Math.round(performance.now() - startedAt);
  console.log(`Built apps/cli/dist/waybill.js: ${Math.round(size / 1024)} KiB in ${milliseconds} ms`);
}

try {
  await main();
} catch (error) {
  // Errors in the sources were shown by esbuild, with their places; anything else is a defect of this script.
  if (!(error instanceof Error && "errors" in error)) throw error;
  process.exitCode = 1;
}
