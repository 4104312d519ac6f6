import { WaybillError } from "@waybill/core";
import {
  foldSlip,
  MAX_PAGE,
  repositoryKey,
  type AppendedVersions,
  type Route,
  type SlipEvent,
  type SlipHeader,
  type SlipQuery,
  type SlipStore,
  type SlipSummary,
  type StoredSlip,
} from "@waybill/slip";
import { sql, type Kysely, type SelectQueryBuilder, type Transaction } from "kysely";
import type { RunDatabase } from "../runs/run-database.ts";
import type { Tables } from "../schema/tables.ts";
import { EVENT_COLUMNS, eventToRow, HEADER_COLUMNS, listsToJson, SlipRowReader, SUMMARY_COLUMNS } from "./rows.ts";

/** Commits in one statement. More make it slow to prepare, and databases have a limit. */
const COMMITS_AT_ONCE = 500;

/** Above the digits of a commit's name: names with a beginning lie between the beginning and it with this behind. */
const ABOVE_DIGITS = "g";

/**
 * Slips on SQL. An event is a row of its own, numbered under the slip's lock; what lists show of a slip is derived anew
 * from all of them in the same transaction.
 */
export class SqlSlipStore implements SlipStore {
  readonly #database: RunDatabase;
  readonly #route: Route;
  readonly #rows: SlipRowReader;
  readonly #isOwner: boolean;

  /** @param options.isOwner - closing the store closes the database */
  constructor(database: RunDatabase, route: Route, { isOwner }: { readonly isOwner: boolean }) {
    this.#database = database;
    this.#route = route;
    this.#rows = new SlipRowReader(database.path);
    this.#isOwner = isOwner;
  }

  async create(header: SlipHeader, signal?: AbortSignal): Promise<boolean> {
    const { slipId, correlationId, repository, sourceRepository, branch, commitSha, createdAt } = header;
    const { status, updatedAt } = foldSlip(header, [], this.#route);
    const keys = { repository_key: repositoryKey(repository), source_key: repositoryKey(sourceRepository) };
    const { numInsertedOrUpdatedRows } = await this.#run(signal, (db) =>
      db
        .insertInto("routing_slips")
        .values({
          slip_id: slipId,
          correlation_id: correlationId,
          repository,
          source_repository: sourceRepository,
          ...keys,
          branch,
          commit_sha: commitSha,
          created_at: createdAt,
          updated_at: updatedAt,
          status,
          ...listsToJson(header),
        })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst(),
    );
    if (numInsertedOrUpdatedRows === 1n) return true;
    const ofCommit = await this.#run(signal, (db) =>
      db
        .selectFrom("routing_slips")
        .select("slip_id")
        .where("repository_key", "=", keys.repository_key)
        .where("commit_sha", "=", commitSha)
        .where("source_key", "=", keys.source_key)
        .executeTakeFirst(),
    );
    if (ofCommit !== undefined) return false;
    throw new WaybillError("SLIP_CORRELATION_TAKEN", { correlationId });
  }

  async append(slipId: string, events: readonly SlipEvent[], signal?: AbortSignal): Promise<AppendedVersions> {
    signal?.throwIfAborted();
    return await this.#guard(() => this.#database.transaction((trx) => this.#append(trx, slipId, events)));
  }

  async #append(trx: Transaction<Tables>, slipId: string, events: readonly SlipEvent[]): Promise<AppendedVersions> {
    await this.#database.lockFor(trx, `slip ${slipId}`);
    const row = await trx
      .selectFrom("routing_slips")
      .select(HEADER_COLUMNS)
      .where("slip_id", "=", slipId)
      .executeTakeFirst();
    if (row === undefined) throw new WaybillError("SLIP_NOT_FOUND", { what: slipId });
    const { header } = this.#rows.header(row);
    const before = await this.#events(trx, slipId);
    const known = new Set(before.map(({ id }) => id));
    const added = events.filter(({ id }) => !known.has(id));
    const version = String(before.length);
    if (added.length === 0) return { before: version, after: version };
    await trx
      .insertInto("routing_slip_events")
      .values(added.map((event, index) => ({ ...eventToRow(event), slip_id: slipId, seq: before.length + index + 1 })))
      .execute();
    const all = [...before, ...added];
    const { status, updatedAt, promotedTo } = foldSlip(header, all, this.#route);
    await trx
      .updateTable("routing_slips")
      .set({ status, updated_at: updatedAt, promoted_to: promotedTo, version: all.length })
      .where("slip_id", "=", slipId)
      .execute();
    return { before: version, after: String(all.length) };
  }

  async load(correlationId: string, signal?: AbortSignal): Promise<StoredSlip | null> {
    return await this.#stored(signal, (query) => query.where("correlation_id", "=", correlationId));
  }

  async loadById(slipId: string, signal?: AbortSignal): Promise<StoredSlip | null> {
    return await this.#stored(signal, (query) => query.where("slip_id", "=", slipId));
  }

  async loadByCommit(
    repository: string,
    sha: string,
    source?: string,
    signal?: AbortSignal,
  ): Promise<StoredSlip | null> {
    const key = repositoryKey(repository);
    return await this.#stored(signal, (query) => {
      const ofCommit = query.where("repository_key", "=", key).where("commit_sha", "=", sha);
      return source === undefined
        ? ofCommit.orderBy(sql`case when source_key = repository_key then 0 else 1 end`).orderBy("created_at", "desc")
        : ofCommit.where("source_key", "=", repositoryKey(source));
    });
  }

  async findByCommit(repository: string, prefix: string, signal?: AbortSignal): Promise<SlipSummary | null> {
    const row = await this.#run(signal, (db) =>
      db
        .selectFrom("routing_slips")
        .select(SUMMARY_COLUMNS)
        .where("repository_key", "=", repositoryKey(repository))
        .where("commit_sha", ">=", prefix)
        .where("commit_sha", "<", prefix + ABOVE_DIGITS)
        .orderBy(sql`case when commit_sha <> ${prefix} then 2 when source_key <> repository_key then 1 else 0 end`)
        .orderBy("created_at", "desc")
        .orderBy("slip_id", "desc")
        .limit(1)
        .executeTakeFirst(),
    );
    return row === undefined ? null : this.#rows.summary(row);
  }

  async findAllByCommits(
    repositories: readonly string[],
    commits: readonly string[],
    signal?: AbortSignal,
  ): Promise<readonly SlipSummary[]> {
    const keys = repositories.map(repositoryKey);
    const found = new Map<string, SlipSummary>();
    for (let from = 0; from < commits.length && keys.length > 0; from += COMMITS_AT_ONCE) {
      const some = commits.slice(from, from + COMMITS_AT_ONCE);
      const rows = await this.#run(signal, (db) =>
        db
          .selectFrom("routing_slips")
          .select(SUMMARY_COLUMNS)
          .where("repository_key", "in", keys)
          .where("commit_sha", "in", some)
          .execute(),
      );
      for (const row of rows) {
        const slip = this.#rows.summary(row);
        const place = `${repositoryKey(slip.repository)} ${slip.commitSha}`;
        const other = found.get(place);
        if (other === undefined || goesBefore(slip, other)) found.set(place, slip);
      }
    }
    return [...new Set(commits)].flatMap((sha) =>
      [...new Set(keys)].flatMap((key) => {
        const slip = found.get(`${key} ${sha}`);
        return slip === undefined ? [] : [slip];
      }),
    );
  }

  async version(correlationId: string, signal?: AbortSignal): Promise<string | null> {
    const row = await this.#run(signal, (db) =>
      db.selectFrom("routing_slips").select("version").where("correlation_id", "=", correlationId).executeTakeFirst(),
    );
    return row === undefined ? null : String(row.version);
  }

  async list(query: SlipQuery, signal?: AbortSignal): Promise<readonly SlipSummary[]> {
    const { repositories, branch, statuses, createdBefore, createdFrom, after } = query;
    if (repositories?.length === 0 || statuses?.length === 0) return [];
    const rows = await this.#run(signal, (db) => {
      let selection = db.selectFrom("routing_slips").select(SUMMARY_COLUMNS);
      if (repositories !== undefined)
        selection = selection.where("repository_key", "in", repositories.map(repositoryKey));
      if (branch !== undefined) selection = selection.where("branch", "=", branch);
      if (statuses !== undefined) selection = selection.where("status", "in", statuses);
      if (createdBefore !== undefined) selection = selection.where("created_at", "<", createdBefore);
      if (createdFrom !== undefined) selection = selection.where("created_at", ">=", createdFrom);
      if (after !== undefined) {
        selection = selection.where((eb) =>
          eb.or([
            eb("created_at", "<", after.createdAt),
            eb.and([eb("created_at", "=", after.createdAt), eb("slip_id", "<", after.slipId)]),
          ]),
        );
      }
      return selection
        .orderBy("created_at", "desc")
        .orderBy("slip_id", "desc")
        .limit(Math.min(query.limit, MAX_PAGE))
        .execute();
    });
    return rows.map((row) => this.#rows.summary(row));
  }

  async close(): Promise<void> {
    if (this.#isOwner) await this.#database.close();
  }

  async #stored(
    signal: AbortSignal | undefined,
    which: (query: HeaderQuery) => SelectQueryBuilder<Tables, "routing_slips", HeaderRow>,
  ): Promise<StoredSlip | null> {
    return await this.#run(signal, async (db) => {
      const row = await which(db.selectFrom("routing_slips").select(HEADER_COLUMNS)).limit(1).executeTakeFirst();
      if (row === undefined) return null;
      // Events that came between the two statements are in the second, and the version is that of the first.
      const { header, version } = this.#rows.header(row);
      return { header, events: await this.#events(db, header.slipId), version: String(version) };
    });
  }

  async #events(db: Kysely<Tables>, slipId: string): Promise<SlipEvent[]> {
    const rows = await db
      .selectFrom("routing_slip_events")
      .select(EVENT_COLUMNS)
      .where("slip_id", "=", slipId)
      .orderBy("seq")
      .execute();
    return rows.map((row) => this.#rows.event(row));
  }

  #run<Result>(signal: AbortSignal | undefined, work: (db: Kysely<Tables>) => Promise<Result>): Promise<Result> {
    return this.#guard(() => {
      signal?.throwIfAborted();
      return work(this.#database.db);
    });
  }

  async #guard<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw this.#database.storeError(error);
    }
  }
}

type HeaderRow = Pick<Tables["routing_slips"], never> & Record<(typeof HEADER_COLUMNS)[number], unknown>;
type HeaderQuery = SelectQueryBuilder<Tables, "routing_slips", HeaderRow>;

/** The slip of the repository itself, then the newest. */
function goesBefore(one: SlipSummary, other: SlipSummary): boolean {
  const [a, b] = [isOfFork(one), isOfFork(other)];
  return a === b ? one.createdAt > other.createdAt : b;
}

function isOfFork({ repository, sourceRepository }: SlipSummary): boolean {
  return repositoryKey(repository) !== repositoryKey(sourceRepository);
}
