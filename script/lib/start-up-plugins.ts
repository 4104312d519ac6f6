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
