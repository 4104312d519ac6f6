import { WaybillError } from "@waybill/core";
import * as z from "zod/mini";

/** Types what the database gives. Whatever else may have written to it, nothing ill-typed comes past here. */
export class RowParser {
  readonly #path: string;

  /** @param path The database, named in errors. */
  constructor(path: string) {
    this.#path = path;
  }

  /** @throws WaybillError `STORE_DAMAGED` */
  parse<Value>(schema: z.ZodMiniType<Value>, row: unknown): Value {
    const result = z.safeParse(schema, row);
    if (result.success) return result.data;
    const issue = result.error.issues[0];
    throw this.#damaged(`${issue?.path.join(".") ?? "row"}: ${issue?.message ?? "invalid"}`, result.error);
  }

  /** @throws WaybillError `STORE_DAMAGED` */
  json(text: string): unknown {
    try {
      return JSON.parse(text);
    } catch (error) {
      throw this.#damaged("a column that should be JSON is not", error);
    }
  }

  #damaged(detail: string, cause: unknown): WaybillError {
    return new WaybillError("STORE_DAMAGED", { path: this.#path, detail }, { cause });
  }
}
