import { expect, test } from "vitest";
import { anchorsOf, linksOf } from "../support/markdown-links.ts";

test("links and pictures are found, also in a link's text and in HTML", () => {
  const page = 'See [one](a.md#x) and [`two`](b.md "Title").\n\n![picture](c.svg) <img src="d.svg" alt="">';
  expect(linksOf(page)).toEqual([
    { target: "a.md#x", line: 1 },
    { target: "b.md", line: 1 },
    { target: "c.svg", line: 3 },
    { target: "d.svg", line: 3 },
  ]);
});

test("what looks like a link in code is none", () => {
  expect(linksOf("`[a](b.md)`\n\n```md\n[c](d.md)\n```\n")).toEqual([]);
});

test("headings have the anchors that code hosts give them", () => {
  const page = '# What\'s `new`?\n\n## Two words\n\n## Two words\n\n<a id="own"></a>\n\n```sh\n# no heading\n```\n';
  expect([...anchorsOf(page)]).toEqual(["whats-new", "two-words", "two-words-1", "own"]);
});
