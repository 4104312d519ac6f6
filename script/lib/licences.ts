import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The licences of the packages that a bundle holds, whose terms ask that they go with it.
 *
 * @param inputs paths of the bundled files, relative to `root`
 * @throws Error for a package without the text of its licence, which must not be shipped
 */
export function licencesOf(root: string, inputs: readonly string[]): string {
  const folders = new Set(
    inputs.flatMap((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input)?.[0] ?? []),
  );
  const texts = [...folders].toSorted().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as {
      readonly name: string;
      readonly version: string;
      readonly license: string;
    };
    const text = licenceText(join(root, folder)) ?? textFromSources(root, folder, name);
    if (text === null) throw new Error(`${name} comes without its licence, so it cannot be part of the program.`);
    return `${name} ${version} (${license})\n\n${text.trim()}\n`;
  });
  return texts.join(`\n${"-".repeat(80)}\n\n`);
}

/**
 * Packages under the Apache licence that come without its text, which is that of our own: files of theirs whose first
 * comment says whose they are, or that are under another licence.
 */
const APACHE_BY_SOURCES: Readonly<Record<string, readonly string[]>> = {
  "@bufbuild/protobuf": ["dist/esm/index.js", "dist/esm/wire/varint.js"],
  "@connectrpc/connect": ["dist/esm/index.js"],
  "@connectrpc/connect-fastify": ["dist/esm/index.js"],
  "@connectrpc/connect-node": ["dist/esm/index.js"],
};

function textFromSources(root: string, folder: string, name: string): string | null {
  const sources = APACHE_BY_SOURCES[name];
  if (sources === undefined) return null;
  const comments = sources.map((path) => {
    const text = readFileSync(join(root, folder, path), "utf8").replace(/^"use strict";\n/, "");
    const lines = /^(?:\/\/.*\n)+/.exec(text)?.[0];
    if (lines === undefined) throw new Error(`${name}: ${path} does not say what its licence is.`);
    return lines.replaceAll(/^\/\/ ?/gm, "");
  });
  return [...comments, readFileSync(join(root, "LICENSE"), "utf8")].join("\n");
}

/** The licence file of a package, else the last section of its README where that is the licence; null: neither. */
function licenceText(folder: string): string | null {
  const files = readdirSync(folder);
  const licence = files.find((entry) => /^licen[cs]e(?:\.(?:md|txt))?$/i.test(entry));
  if (licence !== undefined) return readFileSync(join(folder, licence), "utf8");
  const readme = files.find((entry) => /^readme(?:\.md)?$/i.test(entry));
  if (readme === undefined) return null;
  return /\n#+ *licen[cs]e\s*\n((?:(?!\n#)[^])+)$/i.exec(readFileSync(join(folder, readme), "utf8"))?.[1] ?? null;
}
