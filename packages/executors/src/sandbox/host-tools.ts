import { readdirSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, normalize } from "node:path";

/** Shown anyway, or never because of what else is there. */
const COVERED = ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/opt", "/etc", "/nix/store"];
const NEVER = [
  "/",
  "/home",
  "/root",
  "/Users",
  "/tmp",
  "/var",
  "/run",
  "/dev",
  "/proc",
  "/sys",
  "/boot",
  "/mnt",
  "/srv",
];

/** What a directory of programs is shown for besides them. Without, `~/.cargo/bin` would bring `~/.cargo/credentials.toml`. */
const LIBRARIES = ["lib", "lib64", "libexec"];

/** Links looked at in one directory. */
const MAX_LINKS = 256;

/**
 * Directories outside of the system's own that the search path of jobs needs: a Node in somebody's home directory, a
 * toolchain below `/srv`. An entry that is called `bin` is shown with the directory it is in where that has
 * libraries; a home directory or a directory that holds other people's is never shown.
 *
 * @param path search path
 * @returns absolute paths of directories and files, none below another
 */
export function hostToolPlaces(path: string, homeDirectory: string): string[] {
  const search = new Search(homeDirectory);
  for (const entry of path.split(":").map(normalized)) {
    if (isAbsolute(entry) && isDirectory(entry) && !isCovered(entry)) search.add(entry);
  }
  return search.places();
}

class Search {
  readonly #home: string;
  readonly #forbidden: ReadonlySet<string>;
  /** `~/.local/bin` has libraries beside it, but also the keyrings and the data of every program. */
  readonly #neverWhole: ReadonlySet<string>;
  readonly #found = new Set<string>();

  constructor(homeDirectory: string) {
    this.#home = homeDirectory;
    this.#forbidden = new Set([...NEVER, ...withRealPath(homeDirectory)]);
    this.#neverWhole = new Set([...this.#forbidden, ...withRealPath(`${homeDirectory}/.local`)]);
  }

  add(directory: string): void {
    if (this.#forbidden.has(directory)) return;
    this.#show(this.#prefixOf(directory) ?? directory);
    // Programs are often links to where they were unpacked.
    for (const target of linkTargets(directory)) this.#show(this.#prefixOf(dirname(target)) ?? target);
  }

  places(): string[] {
    return [...this.#found].filter((place) => ![...this.#found].some((other) => isAncestorOf(other, place)));
  }

  /** Where the libraries of the programs in `directory` are as well; null: nowhere that may be shown. */
  #prefixOf(directory: string): string | null {
    const prefix = dirname(directory);
    if (basename(directory) !== "bin" || this.#neverWhole.has(prefix) || isAncestorOf(prefix, this.#home)) return null;
    return LIBRARIES.some((name) => isDirectory(`${prefix}/${name}`)) ? prefix : null;
  }

  #show(path: string): void {
    for (const place of withRealPath(path)) {
      if (!isCovered(place) && !this.#forbidden.has(place) && !isAncestorOf(place, this.#home)) this.#found.add(place);
    }
  }
}

/** The files that links in a directory lead to. */
function linkTargets(directory: string): string[] {
  const links = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isSymbolicLink());
  return links.slice(0, MAX_LINKS).flatMap(({ name }) => {
    try {
      const target = realpathSync(`${directory}/${name}`);
      return statSync(target).isFile() ? [target] : [];
    } catch {
      return [];
    }
  });
}

function normalized(entry: string): string {
  return normalize(entry).replace(/(.)\/+$/, "$1");
}

function isCovered(path: string): boolean {
  return COVERED.some((covered) => path === covered || path.startsWith(`${covered}/`));
}

function isAncestorOf(ancestor: string, path: string): boolean {
  return path.startsWith(ancestor === "/" ? "/" : `${ancestor}/`);
}

function withRealPath(path: string): string[] {
  try {
    return [path, realpathSync(path)];
  } catch {
    return [path];
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
