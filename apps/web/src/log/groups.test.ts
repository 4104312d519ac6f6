import { expect, test } from "vitest";
import { groupMark } from "./groups.ts";

test.each([
  ["::group::Install packages", { kind: "begin", name: "Install packages" }],
  ["##[group] Build", { kind: "begin", name: "Build" }],
  ["\u001B[36m::group::Coloured\u001B[0m", { kind: "begin", name: "Coloured" }],
  ["::endgroup::", { kind: "end" }],
  ["##[endgroup]", { kind: "end" }],
  ["about ::group:: and more", null],
  ["compiled", null],
])("%s", (text, mark) => expect(groupMark(text)).toEqual(mark));
