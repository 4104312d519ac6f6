import * as z from "zod/mini";

/** Parts that several operations share. */

export const idParams = z.object({ id: z.uuid() });

/** RFC 3339, UTC. */
export const time = z.string();
/** As callers write a time: RFC 3339 with its zone. */
export const instant = z.iso.datetime({ offset: true });
export const optionalTime = z.nullable(z.string());

const DEFAULT_PAGE = 50;
export const MAX_PAGE = 200;

/** Of `?limit=&cursor=`; a cursor is what the page before gave, nothing to be made up. */
export const pageQuery = z.strictObject({
  limit: z.prefault(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(MAX_PAGE)), DEFAULT_PAGE),
  cursor: z.optional(z.string().check(z.maxLength(200), z.regex(/^[\w-]+$/))),
});

export function pageOf<Item extends z.ZodMiniType>(
  item: Item,
): z.ZodMiniObject<{ items: z.ZodMiniArray<Item>; next_cursor: z.ZodMiniNullable<z.ZodMiniString> }> {
  return z.object({ items: z.array(item), next_cursor: z.nullable(z.string()) });
}

/** A name of ours: of a project, of a pipeline. */
export const name = z
  .string()
  .check(z.minLength(1), z.maxLength(100), z.regex(/^[A-Za-z0-9][\w. -]*$/, "letters, digits, dots, dashes, spaces"));

/** Gives a schema a name in the API's document. */
export function named<Schema extends z.ZodMiniType>(id: string, schema: Schema): Schema {
  z.globalRegistry.add(schema, { id });
  return schema;
}

export function timeOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

export function optionalTimeOf(milliseconds: number | null): string | null {
  return milliseconds === null ? null : timeOf(milliseconds);
}
