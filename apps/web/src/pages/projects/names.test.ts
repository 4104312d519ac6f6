import * as fc from "fast-check";
import { expect, test } from "vitest";
import { nameOfPipeline, nameOfRepository, nameProblem } from "./names.ts";

test.each([
  ["https://git.example.com/team/shop.git", "shop"],
  ["ssh://git@git.example.com/team/web-shop/", "web-shop"],
  ["git@git.example.com:shop.git", "shop"],
  ["file:///srv/git/%C3%BCber%20shop.git", "ber shop"],
])("the repository %s is called %s", (url, name) => expect(nameOfRepository(url)).toBe(name));

test("a pipeline is called as its file says, where that is a name", () => {
  expect(nameOfPipeline("build & test", "https://e.com/shop.git")).toBe("build - test");
  expect(nameOfPipeline("اسم", "https://e.com/shop.git")).toBe("shop");
});

test("what is offered is taken, or is empty", () => {
  fc.assert(
    fc.property(fc.string(), fc.webUrl(), (name, url) => {
      const offered = nameOfPipeline(name, url);
      if (offered.trim() !== "") expect(nameProblem(offered)).toBeNull();
    }),
  );
  expect(nameProblem("-x")).toMatch(/letter or digit first/);
});
