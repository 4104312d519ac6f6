import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { hostToolPlaces } from "./host-tools.ts";

let home: string;

beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), "waybill-home-")));
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

function make(...folders: string[]): void {
  for (const folder of folders) mkdirSync(join(home, folder), { recursive: true });
}

function places(...entries: string[]): string[] {
  return hostToolPlaces(entries.map((entry) => join(home, entry)).join(":"), home).map((path) =>
    path.replace(home, "~"),
  );
}

it("shows a directory of programs with the libraries beside it", () => {
  make("node/bin", "node/lib");
  expect(places("node/bin")).toEqual(["~/node"]);
});

it("shows no more than the programs where there are no libraries, for secrets may be there", () => {
  make(".cargo/bin", ".cargo/registry");
  expect(places(".cargo/bin", "")).toEqual(["~/.cargo/bin"]);
});

it("shows of the home directory and ~/.local never the whole", () => {
  make("bin", "lib", ".local/bin", ".local/lib");
  expect(places("bin", ".local/bin", "", ".")).toEqual(["~/bin", "~/.local/bin"]);
});

it("follows links of programs to where they were unpacked", () => {
  make("tools", "unpacked/bin", "unpacked/lib", "single");
  for (const path of ["unpacked/bin/a", "single/b"]) writeFileSync(join(home, path), "");
  symlinkSync(join(home, "unpacked/bin/a"), join(home, "tools/a"));
  symlinkSync(join(home, "single/b"), join(home, "tools/b"));
  symlinkSync(home, join(home, "tools/home"));
  symlinkSync("nowhere", join(home, "tools/broken"));
  expect(places("tools").toSorted()).toEqual(["~/single/b", "~/tools", "~/unpacked"]);
});

it("shows a place once, and nothing below it again", () => {
  make("node/bin", "node/lib/bin");
  expect(places("node/bin", "node/lib/bin", "node/bin/")).toEqual(["~/node"]);
});

it.each(["/", "/root", "/home", "/tmp", "/var", "relative/bin", "", "/no/such/folder", "/usr/bin", "/proc"])(
  "shows nothing more because of %j",
  (path) => {
    expect(hostToolPlaces(path, home)).toEqual([]);
  },
);
