import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";
import { projectFiles, repositoryRoot } from "../support/repository.ts";
import { anchorsOf, linksOf } from "../support/markdown-links.ts";

/** Templates in script/ are parts of pages: the pages made from them are checked instead. */
const pages = projectFiles().filter((path) => path.endsWith(".md") && !path.startsWith("script/"));

/** What is wrong with the links of a page, as `page:line: problem`. Addresses on the network are left alone. */
function brokenLinks(page: string): string[] {
  const directory = dirname(join(repositoryRoot, page));
  return linksOf(readFileSync(join(repositoryRoot, page), "utf8")).flatMap(({ target, line }) => {
    if (/^[a-z][a-z0-9+.-]*:/.test(target)) return [];
    const [path = "", anchor] = decodeURIComponent(target).split("#");
    const file = path === "" ? join(repositoryRoot, page) : join(directory, path);
    if (relative(repositoryRoot, file).startsWith("..")) return [`${page}:${line}: ${target} leaves the repository`];
    if (!existsSync(file)) return [`${page}:${line}: ${target} does not exist`];
    if (anchor === undefined) return [];
    if (!statSync(file).isFile() || !file.endsWith(".md")) return [];
    const isThere = anchorsOf(readFileSync(file, "utf8")).has(anchor);
    return isThere ? [] : [`${page}:${line}: ${target} has no such heading`];
  });
}

test("every link of every page leads to a file and a heading that exist", () => {
  expect(pages.flatMap(brokenLinks)).toEqual([]);
});

test("every page below docs/ can be reached from the README", () => {
  const reached = new Set<string>(["README.md"]);
  for (const page of reached) {
    for (const { target } of linksOf(readFileSync(join(repositoryRoot, page), "utf8"))) {
      const path = relative(repositoryRoot, join(dirname(join(repositoryRoot, page)), target.split("#")[0] ?? ""));
      if (pages.includes(path)) reached.add(path);
    }
  }
  expect(pages.filter((page) => page.startsWith("docs/") && !reached.has(page))).toEqual([]);
});
