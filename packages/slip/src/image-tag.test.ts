import { expect, test } from "vitest";
import { commitInImageTag } from "./image-tag.ts";

test.each([
  ["mycarrier/svc:abc1234-1234567890", "abc1234"],
  ["mycarrier/svc:abc1234", "abc1234"],
  ["mycarrier/svc:v1.2.3-abc1234", "abc1234"],
  // Six digits are no commit; what is left is the only candidate.
  ["mycarrier/svc:abc123-1234567890", "1234567890"],
  ["svc:1.2.3-20240101-abc1234", "abc1234"],
  ["svc:1234567890-abc1234", "abc1234"],
  ["svc:latest", ""],
  ["svc:ABC1234", ""],
  ["svc:abc1234.dirty", ""],
  [`svc@sha256:${"ab".repeat(32)}`, ""],
  ["registry:5000/svc", ""],
  ["registry.io/my-deadbee-svc", ""],
  ["registry:5000/svc:abc1234", "abc1234"],
  ["abc1234", "abc1234"],
  [`svc:${"a".repeat(40)}`, "a".repeat(40)],
  [`svc:${"a".repeat(41)}`, ""],
  ["", ""],
])("%s", (image, sha) => {
  expect(commitInImageTag(image)).toBe(sha);
});
