import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { describe, expect, test } from "vitest";
import { errorRegistry } from "../packages/core/src/index.ts";
import { referencePages } from "./reference/pages.ts";

const pages = await referencePages();

describe("generated reference", () => {
  test.each(pages.map((page) => [basename(page.file), page] as const))(
    "%s is what `node script/generate-reference.ts` writes",
    async (_name, { file, text }) => {
      expect(await readFile(file, "utf8")).toBe(text);
    },
  );

  test("every link into a generated page finds its heading", () => {
    const anchors = new Map(pages.map(({ file, text }) => [basename(file), anchorsOf(text)]));
    const missing = Object.entries(errorRegistry)
      .map(([code, { help }]) => ({ code, page: help.split("#")[0] ?? "", anchor: help.split("#")[1] ?? "" }))
      .filter(({ page, anchor }) => anchors.has(page) && !anchors.get(page)?.has(anchor));
    expect(missing).toEqual([]);
  });
});

/** As Git hosts make them from headings. */
function anchorsOf(markdown: string): ReadonlySet<string> {
  return new Set(
    [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w -]/g, "")
        .replaceAll(" ", "-"),
    ),
  );
}
