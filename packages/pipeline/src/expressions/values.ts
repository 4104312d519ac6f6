import { excerpt } from "./problem.ts";

/** What an expression computes with: the values of JSON. Objects are read by their own properties only. */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [name: string]: Value };

/** Stands for a value that only the run will know, while an expression is tried out before it. */
export const UNKNOWN: unique symbol = Symbol("unknown");
export type Unknown = typeof UNKNOWN;

export type ValueType = "string" | "number" | "boolean" | "null" | "array" | "object";

export function typeOf(value: Value): ValueType {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value as "string" | "number" | "boolean" | "object";
}

const TYPE_NAMES: Readonly<Record<ValueType, string>> = {
  string: "text",
  number: "a number",
  boolean: "true or false",
  null: "null",
  array: "a list",
  object: "an object",
};

export function typeName(type: ValueType): string {
  return TYPE_NAMES[type];
}

/** The value for a message: `text 'abc'`, `the number 3`; only its type where it must not be shown. */
export function describe(value: Value, redact = false): string {
  if (!redact) {
    if (typeof value === "string") return `text '${excerpt(value)}'`;
    if (typeof value === "number") return `the number ${value}`;
    if (typeof value === "boolean") return String(value);
  }
  return typeName(typeOf(value));
}

const NUMERIC_TEXT = /^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** The number that a text spells in decimal, all of it; null for any other text, also for one that is too large. */
export function parseNumber(text: string): number | null {
  // A number never needs more; the bound keeps the pattern from reading a megabyte.
  if (text.length > 400 || !NUMERIC_TEXT.test(text)) return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

/** The truth that a text spells: `true` or `false` in any case; null for any other text. */
export function parseBoolean(text: string): boolean | null {
  if (text.length > 5) return null;
  const lower = text.toLowerCase();
  return lower === "true" ? true : lower === "false" ? false : null;
}

/**
 * Equality of scalars. Variables are text, so text equals a number or a truth value that it spells: `'3' == 3`,
 * `'True' == true`. Other values of different types are unequal.
 */
export function equals(left: Value, right: Value): boolean {
  if (typeof left === "string" && typeof right !== "string") return equals(right, left);
  if (typeof right === "string") {
    if (typeof left === "number") return parseNumber(right) === left;
    if (typeof left === "boolean") return parseBoolean(right) === left;
  }
  return left === right;
}

/** The value as it appears in text: scalars as they are written, lists and objects as JSON. */
export function valueToText(value: Value): string {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : JSON.stringify(value);
}

/** The text as a literal of the expression language, so that it parses back to itself. */
export function quote(text: string): string {
  const escaped = text.replaceAll(/[\\'\n\r\t]|\$(?=\{)/g, (character) => QUOTED[character] ?? character);
  return `'${escaped}'`;
}

const QUOTED: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "'": "\\'",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  $: "\\$",
};
