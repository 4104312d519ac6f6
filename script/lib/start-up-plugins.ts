import { join } from "node:path";
import type { Plugin } from "esbuild";

/**
 * A default import of one of Node's modules in a CommonJS bundle copies all properties of that module first, which for
 * commander's four of them takes a tenth of a short command's time (`bench/startup.ts`). As ES modules with nothing but
 * a default export they cost nothing. Commander's `child_process` is left out altogether: it is for commands that are
 * programs of their own, of which there are none.
 */
export const directBuiltins: Plugin = {
  name: "direct-builtins",
  setup(build) {
    build.onResolve({ filter: /^node:(?:child_process|fs|path|process)$/ }, ({ path, importer }) =>
      /\/node_modules\/commander\//.test(importer) ? { path, namespace: "builtin" } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => ({
      contents:
        path === "node:child_process"
          ? "export default {};"
          : `export default process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
  },
};

/** The YAML library's ES modules instead of its CommonJS: what is not used is left out. */
export function treeShakenYaml(root: string): Plugin {
  return {
    name: "tree-shaken-yaml",
    setup(build) {
      build.onResolve({ filter: /^yaml$/ }, () => ({
        path: join(root, "node_modules/yaml/browser/index.js"),
        sideEffects: false,
      }));
    },
  };
}

/**
 * Libraries that few commands need, each in a file of its own: reading them would take every other command a tenth of
 * its time, even where nothing of them runs. They share nothing with the program but what is passed to them, so that
 * there are never two copies of one class of ours.
 *
 * @param libraries name of the file -> the modules in it, as the sources import them
 */
export function apart(libraries: Readonly<Record<string, readonly string[]>>): Plugin {
  const fileOf = new Map(Object.entries(libraries).flatMap(([file, modules]) => modules.map((name) => [name, file])));
  return {
    name: "apart",
    setup(build) {
      build.onResolve({ filter: /^[a-z]/ }, ({ path }) => {
        const file = fileOf.get(path);
        return file === undefined ? undefined : { path: `./lib/${file}.js`, external: true };
      });
    },
  };
}
