import { expect, test } from "vitest";
import { renderTable } from "./table.ts";

test("columns are as wide as their widest cell, and lines have nothing at their end", () => {
  expect(
    renderTable([
      ["JOB", "STATUS", "REASON"],
      ["a", "success", ""],
      ["longer", "failed", "why"],
    ]),
  ).toBe("JOB     STATUS   REASON\na       success\nlonger  failed   why\n");
});

test("no rows are no text", () => {
  expect(renderTable([])).toBe("");
});
