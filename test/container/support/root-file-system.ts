import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Fills a directory with programs of this machine and all that they load, in the places they have here.
 *
 * @param programs found by PATH
 */
export function rootFileSystem(root: string, programs: readonly string[]): void {
  for (const program of programs) {
    const path = execFileSync("sh", ["-c", 'command -v "$1"', "sh", program], { encoding: "utf8" }).trim();
    copy(root, path, join("/usr/bin", program));
    for (const library of librariesOf(realpathSync(path))) copy(root, library, library);
  }
  for (const directory of ["tmp", "proc", "sys", "dev", "etc", "bin"])
    mkdirSync(join(root, directory), { recursive: true });
  chmodSync(join(root, "tmp"), 0o1777);
  cpSync(join(root, "usr/bin/sh"), join(root, "bin/sh"));
}

/** A directory of a user without a name. */
export function ownedDirectory(root: string, path: string, owner: number): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  mkdirSync(join(root, path), { mode: 0o700 });
  chownSync(join(root, path), owner, owner);
}

function copy(root: string, from: string, to: string): void {
  const target = join(root, to);
  if (existsSync(target)) return;
  mkdirSync(dirname(target), { recursive: true });
  cpSync(realpathSync(from), target);
}

function librariesOf(program: string): readonly string[] {
  const listed = execFileSync("ldd", [program], { encoding: "utf8" });
  return [...listed.matchAll(/(\/\S+) \(0x/g)].flatMap(([, path]) => path ?? []);
}
