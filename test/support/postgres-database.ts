import { Client } from "pg";
import { databaseName, postgresUrl } from "./shared-postgres.ts";

/** A database of its own on the server of the test run. */
export class PostgresDatabase {
  static readonly #givenBack: PostgresDatabase[] = [];

  readonly name: string;
  readonly url: string;

  private constructor(name: string) {
    this.name = name;
    this.url = postgresUrl(name);
  }

  /** @param options of `create database`, as SQL */
  static async create(options = ""): Promise<PostgresDatabase> {
    const database = new PostgresDatabase(databaseName());
    await execute(postgresUrl("postgres"), `create database ${database.name} ${options}`);
    return database;
  }

  /** One that this test file has used before, with its tables and nothing in them; else a new one. */
  static async borrow(): Promise<PostgresDatabase> {
    return PostgresDatabase.#givenBack.pop() ?? (await PostgresDatabase.create());
  }

  /** For whoever borrows the next one. Where a test changed more than rows, it drops its database. */
  async giveBack(): Promise<void> {
    await this.clear();
    PostgresDatabase.#givenBack.push(this);
  }

  /** Runs SQL as another program would. @returns the rows of the last statement */
  async execute(sql: string): Promise<readonly Record<string, unknown>[]> {
    return await execute(this.url, sql);
  }

  /** Empties all tables of ours. Making another database would take twenty times as long. */
  async clear(): Promise<void> {
    await this.execute(`
      set session_replication_role = replica;
      do $$ declare name text; begin
        for name in select tablename from pg_tables where schemaname = 'public' and tablename not like 'kysely%' loop
          execute format('delete from %I', name);
        end loop;
      end $$`);
  }

  /** Also where connections to it are left. */
  async drop(): Promise<void> {
    await execute(postgresUrl("postgres"), `drop database if exists ${this.name} with (force)`);
  }
}

async function execute(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}
