import * as z from "zod/mini";
import type { Detection, Detector, ProjectFiles, StarterStep } from "../starter.ts";

/** Only what is looked at; a field of another type is as good as missing. */
const packageSchema = z.object({
  scripts: z.catch(z.record(z.string(), z.unknown()), {}),
  packageManager: z.catch(z.string(), ""),
  workspaces: z.optional(z.unknown()),
});

interface PackageManager {
  readonly name: string;
  /** The file that tells of it. */
  readonly lockFile: string;
  readonly install: string;
}

/** The first whose lock file is there; npm without a lock file where none is. */
const MANAGERS: readonly PackageManager[] = [
  { name: "pnpm", lockFile: "pnpm-lock.yaml", install: "pnpm install --frozen-lockfile" },
  { name: "yarn", lockFile: "yarn.lock", install: "yarn install --immutable" },
  { name: "bun", lockFile: "bun.lock", install: "bun install --frozen-lockfile" },
  { name: "bun", lockFile: "bun.lockb", install: "bun install --frozen-lockfile" },
  { name: "npm", lockFile: "package-lock.json", install: "npm ci" },
  { name: "npm", lockFile: "npm-shrinkwrap.json", install: "npm ci" },
];

/** Scripts that check a project, in a sensible order: quick ones first. */
const SCRIPTS = ["format:check", "lint", "typecheck", "type-check", "build", "test"];

/** What `npm init` writes; it only ever fails. */
const NO_TEST = /no test specified/;

export const node: Detector = {
  id: "node",
  kind: "toolchain",
  detect(files) {
    const manifest = parseManifest(files.read("package.json"));
    if (manifest === null) return null;
    const manager = managerOf(files, manifest.packageManager);
    const scripts = SCRIPTS.filter((name) => {
      const script = manifest.scripts[name];
      return typeof script === "string" && !NO_TEST.test(script);
    });
    return {
      because: `package.json (${manager.name})`,
      steps: [
        { name: "install", script: [manager.install] },
        ...scripts.map((name): StarterStep => ({
          name: name.replaceAll(":", "-"),
          script: [`${manager.name} run ${name}`],
        })),
      ],
      ...hintsOf(files, manifest.workspaces),
    };
  },
};

function managerOf(files: ProjectFiles, packageManager: string): PackageManager {
  const locked = MANAGERS.find(({ lockFile }) => files.names.has(lockFile));
  if (locked !== undefined) return yarnClassic(locked, packageManager, files);
  const declared = packageManager.split("@", 1)[0];
  // Without a lock file a frozen install would fail: nothing is frozen yet.
  const name = MANAGERS.find((manager) => manager.name === declared)?.name ?? "npm";
  return { name, lockFile: "", install: `${name} install` };
}

/** Yarn 1 spells the flag another way; a project of a later one says so, or has its configuration file. */
function yarnClassic(manager: PackageManager, packageManager: string, files: ProjectFiles): PackageManager {
  const modern = /^yarn@[2-9]/.test(packageManager) || files.names.has(".yarnrc.yml");
  return manager.name === "yarn" && !modern ? { ...manager, install: "yarn install --frozen-lockfile" } : manager;
}

function hintsOf(files: ProjectFiles, workspaces: unknown): Pick<Detection, "hints"> {
  const isMonorepo = workspaces !== undefined || files.names.has("pnpm-workspace.yaml");
  return isMonorepo
    ? { hints: ["This is a workspace of several packages: a job for each lets them run side by side."] }
    : {};
}

function parseManifest(text: string | null): z.infer<typeof packageSchema> | null {
  if (text === null) return null;
  try {
    return packageSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
