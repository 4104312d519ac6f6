import * as z from "zod/mini";
import type { ErrorCode } from "@waybill/core";
import type { Range } from "../model/ranges.ts";

/**
 * What a schema cannot say by itself: for the published JSON Schema, the reference page and the messages.
 * Kept in a registry beside the schemas, as zod does with its own metadata.
 */
export interface FieldMeta {
  /** One or two sentences for a person. */
  readonly description: string;
  /** What a value has to be, in the words of a table, where the schema's own message is not enough. */
  readonly type?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  /** Page and anchor of the reference that explains the field. */
  readonly help?: string;
  /** Reported where the value is empty, instead of a general code. Such codes take no parameters. */
  readonly whenEmpty?: EmptyCode;
  /** A map in this place will get a meaning in a later version; what to write until then. */
  readonly insteadOfMap?: string;
  /** Another field is what a text in this place is meant for in most cases; what to write. */
  readonly insteadOfText?: string;
  /** JSON Schema keywords that follow from checks the schema itself does not hold. */
  readonly jsonSchema?: Readonly<Record<string, unknown>>;
  /** For maps with fixed keys. */
  readonly keys?: KeysMeta;
}

export interface KeysMeta {
  /** As a message names it: `a job`. */
  readonly owner: string;
  /** Keys that a later version will give a meaning. */
  readonly reserved?: readonly string[];
  /** Keys that other systems use for the same thing, and what they are called here. */
  readonly familiar?: Readonly<Record<string, string>>;
  /** Unknown keys that start so are let through. */
  readonly freePrefixes?: readonly string[];
}

export type EmptyCode = Extract<
  ErrorCode,
  | "PIPELINE_NAME_EMPTY"
  | "PIPELINE_WITHOUT_JOBS"
  | "PIPELINE_JOB_WITHOUT_STEPS"
  | "PIPELINE_STEP_NAME_EMPTY"
  | "PIPELINE_STEP_SCRIPT_EMPTY"
>;

export const fieldRegistry = z.registry<FieldMeta>();

/**
 * Registers what is known about a field and returns its schema.
 *
 * @throws Error where the schema is another field's already: one of the two would speak with the other's words
 */
export function field<Schema extends z.core.$ZodType>(schema: Schema, meta: FieldMeta): Schema {
  if (fieldRegistry.has(schema)) throw new Error(`two fields share a schema; the second is: ${meta.description}`);
  fieldRegistry.add(schema, meta);
  return schema;
}

/** The error of each schema is the expected value as a noun phrase: it becomes `must be {expected}`. */
export function text(expected = "a text"): z.ZodMiniString {
  return z.string({ error: expected }).check(z.regex(/\S/, { error: expected }));
}

/** A whole number, or text with a `${…}` reference that becomes one. */
export function wholeNumber(range: Range): z.ZodMiniType {
  const error = `a whole number from ${range.min} to ${range.max}`;
  return z.union(
    [z.int({ error }).check(z.minimum(range.min, { error }), z.maximum(range.max, { error })), reference(error)],
    {
      error,
    },
  );
}

/** A number, in which a reference is not replaced. */
export function numberWithin(range: Range): z.ZodMiniType {
  const error = `a number from ${range.min} to ${range.max}`;
  return z.number({ error }).check(z.minimum(range.min, { error }), z.maximum(range.max, { error }));
}

/** `true` or `false`, or text with a `${…}` reference that becomes one of them. */
export function truthValue(): z.ZodMiniType {
  const error = "true or false";
  return z.union([z.boolean({ error }), reference(error)], { error });
}

/** What is text in the end, however YAML reads it: `1.10`, `true` and `0x10` keep their characters. */
export function scalarText(error = "a text, a number, true or false"): z.ZodMiniType {
  return z.union([z.string({ error }), z.number({ error }), z.boolean({ error })], { error });
}

export function listOf(item: z.core.$ZodType, error: string): z.ZodMiniType {
  return z.array(item, { error }).check(z.minLength(1, { error }));
}

export function mapOf(value: z.core.$ZodType, error: string): z.ZodMiniType {
  return z.record(z.string(), value, { error });
}

function reference(error: string): z.ZodMiniString {
  return z.string({ error }).check(z.regex(/\$\{/, { error }));
}
