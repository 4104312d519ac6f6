import type { CompiledQuery } from "kysely";

interface Executing {
  executeQuery<Row>(query: CompiledQuery<Row>): Promise<QueryOutcome<Row>>;
}

interface QueryOutcome<Row> {
  readonly rows: Row[];
  readonly numAffectedRows?: bigint;
}

/**
 * Builds each shape of statement once and runs it with other parameters ever after. Kysely builds and compiles a query
 * anew each time it is used, which costs more than SQLite needs to run it: a transition of 12 statements takes 0.17 ms
 * with this, 0.25 ms without, of which the sync to disk is 0.14 ms.
 */
export class StatementCache {
  readonly #compiled = new Map<string, CompiledQuery>();

  /**
   * @param shape Names the statement: equal shapes must build equal SQL.
   * @param parameters In the order in which they appear in the SQL.
   */
  run<Row>(
    db: Executing,
    shape: string,
    parameters: readonly unknown[],
    build: () => CompiledQuery<Row>,
  ): Promise<QueryOutcome<Row>> {
    let compiled = this.#compiled.get(shape) as CompiledQuery<Row> | undefined;
    if (compiled === undefined) {
      compiled = build();
      this.#compiled.set(shape, compiled);
    }
    return db.executeQuery({ ...compiled, parameters });
  }
}
