import { describe, expect, test } from "vitest";
import { isEnabled, parseRepositoryFilter } from "./filter.ts";
import { parseRepository, repositoryFromAddress } from "./names.ts";

describe("the repository filter", () => {
  test.each([
    ["", "octo-org/a", true],
    ["octo-org/a", "octo-org/a", true],
    ["octo-org/a", "OCTO-org/A", true],
    ["octo-org/a", "octo-org/b", false],
    ["octo-org/a", "octo-org/ab", false],
    ["*", "octo-org/b", true],
    ["octo-org/a\n  octo-org/b , octo-org/c\n", "octo-org/c", true],
    ["octo-org/a\n\nocto-org/b", "octo-org/d", false],
    ["*\n!octo-org/b", "octo-org/b", false],
    ["*,!octo-org/b", "octo-org/a", true],
    ["!octo-org/b", "octo-org/a", true],
    ["!octo-org/b", "octo-org/b", false],
  ])("%j lets %s through: %s", (text, repository, expected) => {
    expect(isEnabled(parseRepositoryFilter(text), repository)).toBe(expected);
  });
});

test.each([
  ["octo-org/webshop", "octo-org/webshop"],
  [" octo-org/webshop/ ", "octo-org/webshop"],
  ["https://github.com/octo-org/webshop.git", "octo-org/webshop"],
  ["https://user@git.example.com:8443/octo-org/webshop/", "octo-org/webshop"],
  ["git@github.com:octo-org/webshop.git", "octo-org/webshop"],
  ["ssh://git@github.com/octo-org/webshop.git", "octo-org/webshop"],
])("normalizeRepository: %s", (text, name) => {
  expect(repositoryFromAddress(text)).toBe(name);
});

test("owner and name are behind and before the first slash", () => {
  expect(parseRepository("a/b/c")).toEqual({ owner: "a", name: "b/c" });
  for (const text of ["webshop", "/b", "a/", "", `a/${"b".repeat(400)}`]) {
    expect(() => parseRepository(text)).toThrow(
      expect.objectContaining({
        code: "SLIP_REPOSITORY_INVALID",
        message: expect.stringContaining("(expected owner/repo)") as string,
      }),
    );
  }
});
