import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { describeWith } from "../../../../test/support/requires.ts";
import { openRunStore } from "../open-run-store.ts";
import { dumpPostgres } from "../testing/dump-postgres.ts";
import { PostgresDatabase } from "../../../../test/support/postgres-database.ts";

test("schema.sql is what the migrations make (write it anew with `vitest run -u`)", async () => {
  const directory = await mkdtemp(join(tmpdir(), "waybill-schema-"));
  const path = join(directory, "waybill.db");
  await (await openRunStore(path)).close();
  const database = new DatabaseSync(path, { readOnly: true });
  const statements = database
    .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'kysely%' ORDER BY rowid")
    .all()
    .map((row) => `${readable(String(row["sql"]))};\n`);
  database.close();
  await rm(directory, { recursive: true });
  await expect(statements.join("\n")).toMatchFileSnapshot("../../schema.sql");
});

describeWith("postgres", "PostgreSQL", () => {
  test("schema.postgres.sql is what the migrations make (write it anew with `vitest run -u`)", async () => {
    const database = await PostgresDatabase.create();
    await (await openRunStore(database.url)).close();
    const dump = await dumpPostgres((sql) => database.execute(sql));
    await database.drop();
    await expect(dump).toMatchFileSnapshot("../../schema.postgres.sql");
  });
});

/** One column or constraint a line; commas within parentheses stay. */
function readable(sql: string): string {
  // An index of some rows alone: short, and its end is no parenthesis.
  if (!sql.endsWith(")")) return sql;
  const open = sql.indexOf("(");
  const parts = sql.slice(open + 1, -1).split(/, (?=[^()]*(?:\([^()]*\)[^()]*)*$)/);
  return `${sql.slice(0, open).trim()} (\n${parts.map((part) => `  ${part}`).join(",\n")}\n)`;
}
