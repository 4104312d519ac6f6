import { WaybillError } from "@waybill/core";
import { parse } from "yaml";
import * as z from "zod/mini";
import { databaseFromFields } from "./database-fields.ts";
import { SETTINGS } from "./table.ts";

const scalar = z.union([z.string(), z.number()]);
const names = Object.keys(SETTINGS).map((name) => name.replaceAll("-", "_"));
const databaseFields = ["host", "port", "user", "password", "name", "ssl_mode"];

const settingsFile = z.strictObject({
  ...Object.fromEntries(names.map((name) => [name, z.optional(scalar)])),
  /** The parts of the address of a PostgreSQL database. */
  db: z.optional(z.strictObject(Object.fromEntries(databaseFields.map((name) => [name, z.optional(scalar)])))),
});

/** @throws WaybillError `SERVER_SETTING_INVALID` */
export function parseSettingsFile(text: string, path: string): Readonly<Record<string, string>> {
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 0 }) ?? {};
  } catch {
    // What the parser says repeats lines, and with them passwords.
    throw new WaybillError("SERVER_SETTING_INVALID", { setting: "config", source: path, problem: "it is no YAML" });
  }
  const parsed = z.safeParse(settingsFile, value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const problem =
      issue?.code === "unrecognized_keys" ? `there is no ${issue.keys.join(", ")}` : "it is no text or number";
    const setting = issue?.path.map(String).join(".") ?? "";
    throw new WaybillError("SERVER_SETTING_INVALID", {
      setting: setting === "" ? "config" : setting,
      source: path,
      problem,
    });
  }
  const { db, ...settings } = parsed.data as Readonly<Record<string, unknown>>;
  const texts = Object.fromEntries(Object.entries(settings).map(([name, setting]) => [name, String(setting)]));
  if (db === undefined) return texts;
  const fields = Object.entries(db as Readonly<Record<string, unknown>>).map(
    ([name, field]) => [`SHIPINATOR_DB_${name.toUpperCase()}`, String(field)] as const,
  );
  const database = databaseFromFields(Object.fromEntries(fields));
  return database === null ? texts : { database, ...texts };
}
