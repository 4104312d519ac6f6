import { expect, test } from "vitest";
import { bindingOf, bindKey, boundKeys, nameOfKey, type KeyBinding } from "./keyboard.ts";

const NONE = { ctrlKey: false, metaKey: false, altKey: false };

function binding(keys: string, label: string): KeyBinding {
  return { keys, label, group: "This page", run: () => undefined };
}

test("keys have names, and those with other modifiers are the browser's", () => {
  expect(nameOfKey({ ...NONE, key: "r" })).toBe("r");
  expect(nameOfKey({ ...NONE, key: "K", ctrlKey: true })).toBe("Ctrl k");
  expect(nameOfKey({ ...NONE, key: "k", metaKey: true })).toBe("Ctrl k");
  expect(nameOfKey({ ...NONE, key: "r", altKey: true })).toBeNull();
});

test("what a page binds wins while it is shown; whoever types, types", () => {
  const takeBack = [
    bindKey(binding("r", "everywhere")),
    bindKey(binding("r", "page")),
    bindKey(binding("Ctrl k", "find")),
  ];
  expect(bindingOf("r", boundKeys(), false)?.label).toBe("page");
  expect(bindingOf("r", boundKeys(), true)).toBeNull();
  expect(bindingOf("Ctrl k", boundKeys(), true)?.label).toBe("find");
  takeBack[1]?.();
  expect(bindingOf("r", boundKeys(), false)?.label).toBe("everywhere");
});
