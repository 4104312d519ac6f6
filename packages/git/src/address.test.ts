import { expect, test } from "vitest";
import { repositoryAddress } from "./address.ts";

test.each([
  ["https://git.example.com/team/shop.git", "https"],
  ["https://git.example.com:8443/shop", "https"],
  ["ssh://git@git.example.com:2222/team/shop.git", "ssh"],
  ["file:///srv/git/shop.git", "file"],
])("%s is taken as it is", (url, protocol) => {
  expect(repositoryAddress(url)).toEqual({ url, protocol });
});

test("the short form of SSH becomes an address", () => {
  expect(repositoryAddress("git@git.example.com:team/shop.git").url).toBe("ssh://git@git.example.com/team/shop.git");
});

test.each([
  "",
  "shop",
  "/srv/git/shop.git",
  "../shop.git",
  "--upload-pack=touch /tmp/x",
  "ext::sh -c touch% /tmp/x",
  "ssh://-oProxyCommand=touch/x",
  "ssh://-oProxyCommand@host/x",
  "-oProxyCommand=x@host:path",
  "ssh://%zz@host/x",
  "git@-oProxyCommand=x:path",
  "http://git.example.com/shop.git",
  "git://git.example.com/shop.git",
  "file://host/srv/shop.git",
  "https://user:secret@git.example.com/shop.git",
  "https://token@git.example.com/shop.git",
  "ssh://git:secret@git.example.com/shop.git",
  "https://git.example.com/",
  "https://git.example.com/shop.git?x=1",
  "https://git.example.com/shop.git\n--config=x",
  "https://git.example.com/a b",
  `https://git.example.com/${"a".repeat(3000)}`,
])("%s is refused", (url) => {
  expect(() => repositoryAddress(url)).toThrow(expect.objectContaining({ code: "GIT_ADDRESS_INVALID" }));
});

test("a password in an address is not repeated", () => {
  expect(() => repositoryAddress("https://user:hunter2hunter2@git.example.com/shop.git")).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining("hunter2") }),
  );
});
