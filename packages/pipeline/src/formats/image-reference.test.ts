import { describe, expect, test } from "vitest";
import { imageReferenceProblem } from "./image-reference.ts";

const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;

describe("image references", () => {
  test.each([
    ...["node", "node:24", "library/node:24-slim", "ghcr.io/owner/tool", "localhost/tool:1", "localhost:5000/tool"],
    ...["registry.example.com:5000/team/sub/tool:1.2", "a__b/c.d-e--f:V_1.x-Y", `node@${DIGEST}`, `node:24@${DIGEST}`],
    "[2001:db8::1]:5000/tool:1",
  ])("accepts %s", (reference) => {
    expect(imageReferenceProblem(reference)).toBeNull();
  });

  test.each([
    ["Node:24", "lower case"],
    ["node :24", "white space"],
    ["node:", "tag"],
    ["node:-x", "tag"],
    [`node:${"x".repeat(129)}`, "tag"],
    ["node:1:2", "tag"],
    [":24", "missing"],
    ["a//b", "slash"],
    ["/a", "slash"],
    ["a/", "slash"],
    ["https://ghcr.io/a", "web address"],
    ["-a", "-a"],
    ["a...b", "a...b"],
    ["node@latest", "digest"],
    ["node@sha256:12", "digest"],
    [`node@${DIGEST}@${DIGEST}`, "digest"],
    ["exa_mple.com:80/x", "registry"],
    ["a".repeat(256), "255"],
    ["a".repeat(100_000), "too long"],
  ])("refuses %s, saying why", (reference, part) => {
    expect(imageReferenceProblem(reference)).toContain(part);
  });
});
