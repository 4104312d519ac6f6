import { posix } from "node:path";
import { importsOf } from "./imports.ts";

/** One file as the rules see it: path relative to the checkout, with `/`. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/**
 * Which packages a package may import. Domain packages know each other's ports only where the table says so;
 * apps may import every package, and no package an app.
 */
export const ALLOWED_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  core: [],
  pipeline: ["core"],
  engine: ["core", "pipeline"],
  executors: ["core", "engine"],
  artifacts: ["core", "engine"],
  logs: ["core", "engine"],
  access: ["core"],
  git: ["core"],
  projects: ["core", "pipeline"],
  slip: ["core"],
  "commit-graphs": ["core", "git", "slip"],
  database: ["access", "artifacts", "core", "engine", "pipeline", "projects", "slip"],
};

/** Packages that decide: they declare ports, and adapters elsewhere talk to databases, networks and daemons. */
export const DOMAIN_PACKAGES: readonly string[] = [
  "core",
  "access",
  "pipeline",
  "engine",
  "artifacts",
  "logs",
  "projects",
  "deploy",
  "slip",
  "insights",
];

/** No domain package imports these; a name stands for its sub-paths too. */
const ADAPTER_MODULES: readonly string[] = [
  "node:sqlite",
  "node:http",
  "node:https",
  "node:http2",
  "kysely",
  "pg",
  "better-sqlite3",
  "@clickhouse/client",
  "chdb",
  "fastify",
  "@fastify",
  "express",
  "dockerode",
];

/** Every import that breaks a rule, as `path:line: what is wrong`. */
export function layeringProblems(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) =>
    importsOf(file.text).flatMap(({ specifier, line }) => {
      const problem = problemOf(file.path, specifier);
      return problem === null ? [] : [`${file.path}:${line}: ${problem}`];
    }),
  );
}

function problemOf(path: string, specifier: string): string | null {
  const from = unitOf(path);
  if (from === null) return null;
  if (specifier.startsWith(".")) {
    const target = posix.normalize(posix.join(posix.dirname(path), specifier));
    // The published schemas are part of the command line's bundle.
    const isOpen = target.startsWith(`${from.folder}/`) || (from.kind === "apps" && target.startsWith("schema/"));
    if (/\.(?:test|fixture)\.ts$/.test(path) && target.startsWith("test/support/")) return null;
    return isOpen ? null : `"${specifier}" leaves ${from.folder}`;
  }
  if (specifier === "zod" && from.kind === "packages") return "import zod/mini: start-up time matters";
  const isTest = /\.test\.ts$|\/testing\//.test(path);
  if (from.kind === "packages" && DOMAIN_PACKAGES.includes(from.name) && !isTest) {
    const adapter = ADAPTER_MODULES.find((name) => specifier === name || specifier.startsWith(`${name}/`));
    if (adapter !== undefined) return `a domain package imports ${adapter}: declare a port instead`;
  }
  const imported = /^@waybill\/([^/]+)(?:\/(.+))?$/.exec(specifier);
  if (imported === null) return null;
  const [, name = "", subPath] = imported;
  if (subPath !== undefined && !(/^testing(?:\/|$)/.test(subPath) && isTest)) {
    return `import @waybill/${name} itself, not ${subPath} in it`;
  }
  if (from.kind === "apps" || name === from.name) return null;
  const allowed = ALLOWED_PACKAGES[from.name];
  if (allowed === undefined) return `${from.folder} is not in the table of test/architecture/layering.ts`;
  return allowed.includes(name) ? null : `${from.name} may not import ${name}`;
}

function unitOf(path: string): { readonly kind: string; readonly name: string; readonly folder: string } | null {
  const match = /^((packages|apps)\/([^/]+))\//.exec(path);
  if (match === null) return null;
  const [, folder = "", kind = "", name = ""] = match;
  return { kind, name, folder };
}
