import { suggestNames } from "@waybill/core";
import { shorten } from "../yaml/describe-node.ts";
import type { TreeNode } from "../yaml/node.ts";

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** What to write instead of a value of the wrong type; null: nothing better than the general remedy is known. */
export function correctionFor(node: TreeNode, expected: string, key: string): string | null {
  if (node.kind === "mapping") return correctionForMapping(node.entries, expected);
  if (node.kind === "sequence")
    return expected.startsWith("a map") ? "Write `key: value` lines, without dashes." : null;
  if (node.value === null) return `Write ${expected} after the colon, or remove the line.`;
  if (/^a list\b/.test(expected)) return `Write it as a list: ${key}: [${quoted(node.text)}].`;
  if (expected.startsWith("a whole number")) return correctionForNumber(node.text, expected, key);
  if (expected === "true or false") return correctionForTruth(node.text, key);
  if (typeof node.value !== "string" && !expected.startsWith("a map"))
    return `Put it in quotes: "${shorten(node.text)}".`;
  return null;
}

/** `- echo "a: b"` is a map to YAML, the most common slip in scripts. */
function correctionForMapping(
  entries: ReadonlyMap<string, { readonly value: TreeNode }>,
  expected: string,
): string | null {
  const [first] = entries;
  if (first === undefined || !/command|text|path|expression|name/.test(expected)) return null;
  const [key, { value }] = first;
  const line = value.kind === "scalar" ? `${key}: ${value.text}` : key;
  return `A colon followed by a space makes this a map. Put the whole line in quotes: ${quoted(line)}.`;
}

function correctionForNumber(text: string, expected: string, key: string): string | null {
  if (/^\d+$/.test(text)) return `Write it without quotes: ${key}: ${text}.`;
  const duration = /^(\d{1,6})\s*(s|m|h|d)(?:ec|in|ours?|ays?|econds?|inutes?)?$/i.exec(text.trim());
  const unit = duration?.[2]?.toLowerCase();
  if (duration === null || unit === undefined || !key.includes("timeout")) return null;
  const seconds = Number(duration[1]) * (SECONDS[unit] ?? 1);
  return `Write it in seconds: ${key}: ${seconds}. It must be ${expected}.`;
}

function correctionForTruth(text: string, key: string): string | null {
  if (/^(yes|on|y|1|"true"|true)$/i.test(text)) return `Write it without quotes: ${key}: true.`;
  if (/^(no|off|n|0|"false"|false)$/i.test(text)) return `Write it without quotes: ${key}: false.`;
  return null;
}

/** The key that an unknown one stands for, by habit or by a slip of the finger; null: none is close. */
export function spellingCorrection(
  key: string,
  known: readonly string[],
  familiar: Readonly<Record<string, string>>,
): string | null {
  const habit = Object.hasOwn(familiar, key) ? familiar[key] : undefined;
  const names = habit === undefined ? suggestNames(key, known) : [habit];
  if (names.length === 0) return null;
  return `Did you mean ${names.map((name) => `"${name}"`).join(" or ")}? Known keys: ${known.join(", ")}.`;
}

function quoted(text: string): string {
  const line = shorten(text);
  return line.includes("'") ? `"${line.replaceAll(/["\\]/g, "\\$&")}"` : `'${line}'`;
}
