import { expect, test } from "vitest";
import { likelySource } from "./likely-source.ts";

test.each([
  ["https://github.com/team/shop.git", "github"],
  ["ssh://git@gitlab.example.com:2222/team/shop.git", "gitlab"],
  ["https://user@codeberg.org/team/shop", "gitea"],
  ["https://git.example.com/github.com/shop.git", "git"],
  ["file:///srv/git/shop.git", "git"],
])("%s looks like %s", (url, source) => expect(likelySource(url)).toBe(source));
