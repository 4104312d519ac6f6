import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { removeTree } from "./remove-tree.ts";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "waybill-remove-"));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

it("removes a directory with all below it", async () => {
  mkdirSync(join(root, "tree/a/b"), { recursive: true });
  writeFileSync(join(root, "tree/a/b/file"), "");
  await removeTree(join(root, "tree"));
  expect(existsSync(join(root, "tree"))).toBe(false);
});

it("is content where there is nothing", async () => {
  await removeTree(join(root, "tree"));
});

it("removes links, not what they lead to", async () => {
  mkdirSync(join(root, "kept"));
  writeFileSync(join(root, "kept/file"), "");
  mkdirSync(join(root, "tree"));
  symlinkSync("../kept", join(root, "tree/link"));
  symlinkSync("kept", join(root, "link"));
  await removeTree(join(root, "tree"));
  await removeTree(join(root, "link"));
  expect(existsSync(join(root, "kept/file"))).toBe(true);
  expect(existsSync(join(root, "link"))).toBe(false);
});

it("removes directories nested deeper than a path may be long", async () => {
  mkdirSync(join(root, "tree"));
  for (let round = 0; round < 6; round += 1) {
    const bottom = join(root, "next", ...Array.from({ length: 150 }, () => "folder"));
    mkdirSync(bottom, { recursive: true });
    renameSync(join(root, "tree"), join(bottom, "tree"));
    renameSync(join(root, "next"), join(root, "tree"));
  }
  await removeTree(join(root, "tree"));
  expect(existsSync(join(root, "tree"))).toBe(false);
});

it("removes read-only directories of an ordinary user", () => {
  // The superuser may write anywhere, so this needs a process of someone else where tests run as root.
  const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : null;
  for (const directory of ["", "tree", "tree/closed"]) {
    mkdirSync(join(root, directory), { recursive: true });
    if (user !== null) chownSync(join(root, directory), user.uid, user.gid);
  }
  writeFileSync(join(root, "tree/closed/file"), "");
  chmodSync(join(root, "tree/closed"), 0o000);
  chmodSync(join(root, "tree"), 0o555);
  // It turns into the user at the end: neither this module nor the directory need be within that user's reach.
  const program = `import { removeTree } from ${JSON.stringify(new URL("remove-tree.ts", import.meta.url).href)};
    const [directory, id] = process.argv.slice(1);
    process.chdir(directory);
    if (id !== undefined) {
      process.setgid(Number(id));
      process.setuid(Number(id));
    }
    await removeTree("tree");`;
  const args = [root, ...(user === null ? [] : [String(user.uid)])];
  execFileSync(process.execPath, ["--input-type=module", "-e", program, ...args], { stdio: "pipe" });
  expect(existsSync(join(root, "tree"))).toBe(false);
});
