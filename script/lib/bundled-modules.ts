import { relative } from "node:path";
import type { Plugin } from "vite";

/** Name of the file, beside the others that Vite writes, that lists what they were made from. */
export const MODULE_LIST = "modules.json";

/** Writes which modules are in the bundle: their licences go with it. Those of workers are not among them. */
export function bundledModules(): Plugin {
  return {
    name: "bundled-modules",
    apply: "build",
    generateBundle(_options, bundle) {
      const root = `${import.meta.dirname}/../..`;
      const modules = Object.values(bundle).flatMap((file) => (file.type === "chunk" ? file.moduleIds : []));
      const paths = [...new Set(modules.map((id) => id.replace(/^\0|\?.*$/g, "")).filter((id) => id.startsWith("/")))];
      const source = JSON.stringify(paths.map((path) => relative(root, path)).sort());
      this.emitFile({ type: "asset", fileName: MODULE_LIST, source });
    },
  };
}
