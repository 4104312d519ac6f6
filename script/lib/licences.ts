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
    const text = licenceText(join(root, folder));
    if (text === null) throw new Error(`${name} comes without its licence, so it cannot be part of the program.`);
    return `${name} ${version} (${license})\n\n${text.trim()}\n`;
  });
  return texts.join(`\n${"-".repeat(80)}\n\n`);
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
