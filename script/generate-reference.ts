/**
 * Writes the pages of the reference that are made from code. Run it after a change of a command or an error:
 *
 *     node script/generate-reference.ts
 */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { referencePages } from "./reference/pages.ts";

for (const { file, text } of await referencePages()) {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}
