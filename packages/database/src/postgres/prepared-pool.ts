import type { PostgresPool, PostgresPoolClient } from "kysely";
import { Client, DatabaseError, Pool, type PoolClient, type QueryResult } from "pg";
import type { PostgresAddress } from "./address.ts";
import { connectionError } from "./errors.ts";
import { sessionConfig, sessionSettings, type PostgresLimits } from "./session.ts";

/** Statements that stay prepared on each connection. The hot paths use about a dozen. */
const MAX_PREPARED = 100;

/** Longer statements are bulk inserts with a shape of their own, hardly met twice. */
const LONGEST_PREPARED_SQL = 4_000;

/** Connections for Kysely: statements stay prepared on them, and errors without an SQL state have a code. */
export class PreparedPool implements PostgresPool {
  readonly options: object = {};
  readonly #pool: Pool;
  readonly #path: string;
  readonly #clients = new WeakMap<PoolClient, PreparedClient>();
  /** SQL text -> name. */
  readonly #names = new Map<string, string>();

  constructor(address: PostgresAddress, limits: PostgresLimits, maxConnections: number) {
    this.#path = address.path;
    const { text, values } = sessionSettings(limits);
    this.#pool = new Pool({
      Client: ClosedOnFailure,
      ...sessionConfig(address, limits),
      max: maxConnections,
      // Statements that are prepared and connections that are made cost something; an idle connection next to nothing.
      idleTimeoutMillis: 60_000,
      // It waits for the promise, whatever its types say.
      onConnect: (client): unknown => client.query(text, [...values]),
    });
    // A connection that is lost while nobody uses it is replaced when one is needed; one in use fails its statement.
    this.#pool.on("error", () => undefined);
    this.#pool.on("connect", (client) => client.on("error", () => undefined));
  }

  async connect(): Promise<PostgresPoolClient> {
    try {
      const client = await this.#pool.connect();
      let prepared = this.#clients.get(client);
      if (prepared === undefined) {
        prepared = new PreparedClient(client, this.#path, (sql) => this.#nameOf(sql));
        this.#clients.set(client, prepared);
      }
      return prepared;
    } catch (error) {
      throw connectionError(error, this.#path);
    }
  }

  end(): Promise<void> {
    return this.#pool.end();
  }

  #nameOf(sql: string): string | undefined {
    const known = this.#names.get(sql);
    if (known !== undefined || sql.length > LONGEST_PREPARED_SQL || this.#names.size >= MAX_PREPARED) return known;
    const name = `waybill_${this.#names.size + 1}`;
    this.#names.set(sql, name);
    return name;
  }
}

/**
 * The driver leaves the socket open where it gives up by itself while a connection is made (it needs a password and has
 * none). The server waits a minute for the rest, and others wait for the server: `drop database` does.
 */
class ClosedOnFailure extends Client {
  override connect(): Promise<this>;
  override connect(callback: (error: Error) => void): void;
  override connect(callback?: (error: Error) => void): Promise<this> | void {
    if (callback === undefined) return super.connect() as Promise<this>;
    super.connect((error: Error | null) => {
      if (error !== null) void this.end();
      callback(error as Error);
    });
  }
}

class PreparedClient implements PostgresPoolClient {
  readonly #client: PoolClient;
  readonly #path: string;
  readonly #nameOf: (sql: string) => string | undefined;
  /** It gave no answer: one may still come, and must not be taken for that to the next statement. */
  #isBroken = false;

  constructor(client: PoolClient, path: string, nameOf: (sql: string) => string | undefined) {
    this.#client = client;
    this.#path = path;
    this.#nameOf = nameOf;
  }

  // Kysely asks for the cursors of another package as well, where it was given them.
  query = ((sql: string, parameters?: readonly unknown[]) => this.#query(sql, parameters)) as never;

  async #query(text: string, parameters: readonly unknown[] = []): Promise<QueryResult> {
    try {
      if (this.#isBroken) throw new Error("the connection gave no answer");
      return await this.#client.query({ name: this.#nameOf(text), text, values: parameters.map(storable) });
    } catch (error) {
      if (error instanceof DatabaseError) throw error;
      this.#isBroken = true;
      throw connectionError(error, this.#path);
    }
  }

  release(destroy?: boolean): void {
    this.#client.release(this.#isBroken || destroy === true);
  }
}

/** PostgreSQL's text cannot hold the character NUL. What jobs print into a message must not fail the run for it. */
function storable(value: unknown): unknown {
  return typeof value === "string" && value.includes("\0") ? value.replaceAll("\0", "\uFFFD") : value;
}
