import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

/** Packs the compiled service: package/storefront-VERSION.tar.gz, and package/manifest.json that describes it. */

const { name, version } = JSON.parse(readFileSync("package.json", "utf8")) as { name: string; version: string };
const directory = `${name}-${version}`;
const file = `${directory}.tar.gz`;

rmSync("package", { recursive: true, force: true });
mkdirSync(`package/${directory}`, { recursive: true });
cpSync("build/src", `package/${directory}/src`, { recursive: true });
writeFileSync(`package/${directory}/package.json`, JSON.stringify({ name, version, type: "module" }, null, 2));
execFileSync("tar", ["-czf", file, directory], { cwd: "package", stdio: "inherit" });
rmSync(`package/${directory}`, { recursive: true });

const content = readFileSync(`package/${file}`);
const manifest = {
  name,
  version,
  file,
  size_bytes: content.length,
  sha256: createHash("sha256").update(content).digest("hex"),
};
writeFileSync("package/manifest.json", `${JSON.stringify(manifest, null, 2)}\n`);
console.log(`package/${file}: ${manifest.size_bytes} bytes, sha256 ${manifest.sha256}`);
