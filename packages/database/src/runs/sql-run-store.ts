import type { AccessStore } from "@waybill/access";
import type { ArtifactRecords } from "@waybill/artifacts";
import { WaybillError, type Alongside } from "@waybill/core";
import type {
  ArtifactRecord,
  ExecutionRecord,
  FeedEntry,
  FoundArtifact,
  FoundExecution,
  JobRecord,
  NewRun,
  RunChange,
  RunClaim,
  RunOrigin,
  RunQuery,
  RunRecord,
  RunStore,
  StepRecord,
  StoredEvent,
  UnfinishedCounts,
} from "@waybill/engine";
import type { ProjectRecords } from "@waybill/projects";
import { definitionFromJson, type PipelineDefinition } from "@waybill/pipeline";
import type { TriggerStores } from "@waybill/projects";
import type { Route, SlipStore } from "@waybill/slip";
import type { Kysely, Transaction } from "kysely";
import { sqlProjectRecords } from "../projects/sql-project-records.ts";
import { SqlArtifactLists } from "../artifacts/sql-artifact-lists.ts";
import { SqlArtifactRecords } from "../artifacts/sql-artifact-records.ts";
import type { Tables } from "../schema/tables.ts";
import { storeAlongside } from "./alongside.ts";
import { commitChange } from "./commit-change.ts";
import { createRun } from "./create-run.ts";
import { endOfFeed, hasUnplacedEvents, placeEvents, readFeed } from "./event-feed.ts";
import { pageOfRuns } from "./page-of-runs.ts";
import { countUnfinished, findArtifact, findExecution, findJob, originOfRun, unfinishedRuns } from "./queries.ts";
import {
  ARTIFACT_COLUMNS,
  EVENT_COLUMNS,
  EXECUTION_COLUMNS,
  JOB_COLUMNS,
  RowReader,
  RUN_COLUMNS,
  STEP_COLUMNS,
} from "./rows.ts";
import { SqlExecutionReports } from "../requests/sql-execution-reports.ts";
import { SqlIdempotencyRecords } from "../requests/sql-idempotency-records.ts";
import { SqlRunSamples } from "../statistics/sql-run-samples.ts";
import type { SqlSearch } from "../search/sql-search.ts";
import type { RunDatabase } from "./run-database.ts";
import { GroupCommit, type WaitingChange } from "./group-commit.ts";
import type { StoreSignals } from "./store-signals.ts";
import { SqlDatabaseFacts } from "./sql-database-facts.ts";
import { SqliteRunDatabase } from "../sqlite/sqlite-run-database.ts";
import { StatementCache } from "./statement-cache.ts";

/** What an id may be made of; keeps a prefix search a plain range of text. */
const ID_PREFIX = /^[0-9A-Za-z_-]{8,}$/;

/** The highest character above those of `ID_PREFIX`: ids with a prefix lie between the prefix and prefix + this. */
const ABOVE_ID_CHARACTERS = "~";

/** Candidates named in an error about an ambiguous prefix. */
const MAX_CANDIDATES = 5;

/** The highest `seq` there can be: what a column of the type `integer` holds on PostgreSQL. */
const HIGHEST_SEQ = 2 ** 31 - 1;

/** The run store on SQL. */
export class SqlRunStore implements RunStore {
  readonly #database: RunDatabase;
  readonly #db: Kysely<Tables>;
  readonly #rows: RowReader;
  readonly #statements = new StatementCache();
  readonly #group = new GroupCommit((changes) => this.#write(changes));

  constructor(database: RunDatabase) {
    this.#database = database;
    this.#db = database.db;
    this.#rows = new RowReader(database.path);
  }

  create(run: NewRun, alongside?: Alongside): Promise<RunRecord> {
    return this.#transaction(async (trx) => {
      await this.#database.lockNumbers(trx);
      const created = await createRun(trx, run);
      await storeAlongside(trx, alongside);
      return created;
    });
  }

  async commit(runId: string, change: RunChange): Promise<void> {
    if (this.#database.isOneAtATime) await this.#group.commit(runId, change);
    else await this.#write([{ runId, change }]);
  }

  async #write(changes: readonly WaitingChange[]): Promise<void> {
    const statements = this.#statements;
    await this.#transaction(async (trx) => {
      for (const { runId, change } of changes) {
        await this.#database.lockRun(trx, runId);
        await commitChange({ database: this.#database, trx, statements, runId }, change);
      }
    });
  }

  async find(reference: string): Promise<RunRecord | null> {
    const number = /^\d{1,9}$/.test(reference) ? Number(reference) : null;
    const byNumber = number === null ? null : await this.#findOne("number", number);
    return byNumber ?? (await this.#findOne("id", reference)) ?? (await this.#findByPrefix(reference));
  }

  async #findOne(column: "id" | "number", value: string | number): Promise<RunRecord | null> {
    const query = this.#db.selectFrom("pipeline_runs").select(RUN_COLUMNS).where(column, "=", value);
    const row = await this.#guard(() => query.executeTakeFirst());
    return row === undefined ? null : this.#rows.run(row);
  }

  async #findByPrefix(prefix: string): Promise<RunRecord | null> {
    if (!ID_PREFIX.test(prefix)) return null;
    const query = this.#db
      .selectFrom("pipeline_runs")
      .select(RUN_COLUMNS)
      .where("id", ">", prefix)
      .where("id", "<", prefix + ABOVE_ID_CHARACTERS)
      .orderBy("number", "desc")
      .limit(MAX_CANDIDATES);
    const runs = (await this.#guard(() => query.execute())).map((row) => this.#rows.run(row));
    if (runs.length > 1) {
      const candidates = runs.map((run) => `#${run.number} (${run.id})`).join(", ");
      throw new WaybillError("STORE_AMBIGUOUS_RUN", { reference: prefix, candidates });
    }
    return runs[0] ?? null;
  }

  async list(limit: number): Promise<readonly RunRecord[]> {
    const query = this.#db.selectFrom("pipeline_runs").select(RUN_COLUMNS).orderBy("number", "desc").limit(limit);
    return (await this.#guard(() => query.execute())).map((row) => this.#rows.run(row));
  }

  async page(query: RunQuery): Promise<readonly RunRecord[]> {
    return await this.#guard(() => pageOfRuns(this.#db, this.#rows, query));
  }

  async unfinished(limit: number): Promise<readonly RunRecord[]> {
    return await this.#guard(() => unfinishedRuns(this.#db, this.#rows, limit));
  }

  async unfinishedCounts(): Promise<UnfinishedCounts> {
    return await this.#guard(() => countUnfinished(this.#db));
  }

  async origin(runId: string): Promise<RunOrigin | null> {
    return await this.#guard(() => originOfRun(this.#db, this.#rows, runId));
  }

  async findJob(jobId: string): ReturnType<RunStore["findJob"]> {
    return await this.#guard(() => findJob(this.#db, this.#rows, jobId));
  }

  async findExecution(executionId: string): Promise<FoundExecution | null> {
    return await this.#guard(() => findExecution(this.#db, this.#rows, executionId));
  }

  async feed(after: number, limit: number): Promise<readonly FeedEntry[]> {
    return await this.#guard(() => readFeed(this.#db, this.#rows, after, limit));
  }

  async feedEnd(): Promise<number> {
    return await this.#guard(() => endOfFeed(this.#db));
  }

  async placeEvents(limit: number): Promise<number> {
    // Mostly there is none, and to see that takes no lock.
    if (!(await this.#guard(() => hasUnplacedEvents(this.#db)))) return 0;
    return await this.#transaction(async (trx) => {
      await this.#database.lockFor(trx, "event positions");
      return await placeEvents(trx, limit);
    });
  }

  async findArtifact(artifactId: string): Promise<FoundArtifact | null> {
    return await this.#guard(() => findArtifact(this.#db, this.#rows, artifactId));
  }

  async jobs(runId: string): Promise<readonly JobRecord[]> {
    const query = this.#db
      .selectFrom("jobs")
      .select(JOB_COLUMNS)
      .where("pipeline_run_id", "=", runId)
      .orderBy("position");
    return (await this.#guard(() => query.execute())).map((row) => this.#rows.job(row));
  }

  async steps(runId: string): Promise<readonly StepRecord[]> {
    const query = this.#db
      .selectFrom("job_steps")
      .innerJoin("jobs", "jobs.id", "job_steps.job_id")
      .select(STEP_COLUMNS.map((column) => `job_steps.${column}` as const))
      .where("jobs.pipeline_run_id", "=", runId)
      .orderBy("jobs.position")
      .orderBy("job_steps.position");
    return (await this.#guard(() => query.execute())).map((row) => this.#rows.step(row));
  }

  async events(runId: string, afterSeq: number, limit: number): Promise<readonly StoredEvent[]> {
    const query = this.#db
      .selectFrom("events")
      .select(EVENT_COLUMNS)
      .where("run_id", "=", runId)
      .where("seq", ">", Math.min(afterSeq, HIGHEST_SEQ))
      .orderBy("seq")
      .limit(limit);
    return (await this.#guard(() => query.execute())).map((row) => this.#rows.event(row));
  }

  async definition(runId: string): Promise<PipelineDefinition | null> {
    const query = this.#db.selectFrom("pipeline_runs").select("config_snapshot").where("id", "=", runId);
    const row = await this.#guard(() => query.executeTakeFirst());
    return row === undefined ? null : definitionFromJson(this.#rows.json(row.config_snapshot));
  }

  async executions(runId: string): Promise<readonly ExecutionRecord[]> {
    const query = this.#db
      .selectFrom("executions")
      .innerJoin("jobs", "jobs.id", "executions.job_id")
      .select(EXECUTION_COLUMNS.map((column) => `executions.${column}` as const))
      .where("jobs.pipeline_run_id", "=", runId)
      .orderBy("jobs.position")
      .orderBy("executions.attempt");
    return (await this.#guard(() => query.execute())).map((row) => this.#rows.execution(row));
  }

  async artifacts(runId: string): Promise<readonly ArtifactRecord[]> {
    const query = this.#db
      .selectFrom("artifacts")
      .innerJoin("jobs", "jobs.id", "artifacts.job_id")
      .select(ARTIFACT_COLUMNS.map((column) => `artifacts.${column}` as const))
      .where("jobs.pipeline_run_id", "=", runId)
      .orderBy("jobs.position")
      .orderBy("artifacts.name");
    return (await this.#guard(() => query.execute())).map((row) => this.#rows.artifact(row));
  }

  /** Of the same database, through the same connection: a file is opened once per process. */
  artifactRecords(): ArtifactRecords {
    return new SqlArtifactRecords(this.#database);
  }

  /** As `artifactRecords`. */
  projectRecords(): ProjectRecords {
    return sqlProjectRecords(this.#database);
  }

  /** As `artifactRecords`. */
  idempotencyRecords(): SqlIdempotencyRecords {
    return new SqlIdempotencyRecords(this.#database);
  }

  /** As `artifactRecords`. */
  executionReports(): SqlExecutionReports {
    return new SqlExecutionReports(this.#database);
  }

  /** As `artifactRecords`. */
  databaseFacts(): SqlDatabaseFacts {
    return new SqlDatabaseFacts(this.#database, this.#database instanceof SqliteRunDatabase ? "sqlite" : "postgres");
  }

  /** As `artifactRecords`. */
  artifactLists(): SqlArtifactLists {
    return new SqlArtifactLists(this.#database);
  }

  /** As `artifactRecords`. */
  runSamples(): SqlRunSamples {
    return new SqlRunSamples(this.#database);
  }

  /** As `artifactRecords`. Loaded only where it is used. */
  async search(): Promise<SqlSearch> {
    const { SqlSearch } = await import("../search/sql-search.ts");
    return new SqlSearch(this.#database);
  }

  /** Who may do what, in the same database and through the same connection. Loaded only where it is used. */
  async accessStore(): Promise<AccessStore> {
    const { SqlAccessStore } = await import("../access/sql-access-store.ts");
    return new SqlAccessStore(this.#database);
  }

  /** What starts runs, in the same database and through the same connection. Loaded only where it is used. */
  async triggerStores(): Promise<TriggerStores> {
    const { sqlTriggerStores } = await import("../triggers/sql-trigger-stores.ts");
    return sqlTriggerStores(this.#database);
  }

  /** @param listener told when something that belongs to no run can be read from the feed, stored through this store */
  onServerEvents(listener: () => void): void {
    this.#database.eventNotices.listen(listener);
  }

  /** Of servers that have the same database. To be closed before the store is. */
  openSignals(): StoreSignals {
    return this.#database.openSignals();
  }

  /** As `accessStore`. */
  async slipStore(route: Route): Promise<SlipStore> {
    const { SqlSlipStore } = await import("../slips/sql-slip-store.ts");
    return new SqlSlipStore(this.#database, route, { isOwner: false });
  }

  async parameterNames(runId: string): Promise<readonly string[]> {
    const query = this.#db.selectFrom("pipeline_runs").select("parameter_names").where("id", "=", runId);
    const row = await this.#guard(() => query.executeTakeFirst());
    return row === undefined ? [] : this.#rows.parameterNames(row.parameter_names);
  }

  async requestCancel(runId: string, at: number, alongside?: Alongside): Promise<boolean> {
    const query = this.#db
      .updateTable("pipeline_runs")
      .set({ cancel_requested_at: at })
      .where("id", "=", runId)
      .where("finished_at", "is", null);
    return await this.#transaction(async (trx) => {
      const { numAffectedRows } = await trx.executeQuery(query.compile());
      if (numAffectedRows !== 1n) return false;
      await storeAlongside(trx, alongside);
      return true;
    });
  }

  async isCancelRequested(runId: string): Promise<boolean> {
    const query = this.#db.selectFrom("pipeline_runs").select("cancel_requested_at").where("id", "=", runId);
    const row = await this.#guard(() => query.executeTakeFirst());
    return row !== undefined && row.cancel_requested_at !== null;
  }

  async claim(runId: string): Promise<RunClaim | null> {
    return await this.#guard(() => this.#database.claim(runId));
  }

  async claimed(): Promise<readonly string[]> {
    return await this.#guard(() => this.#database.claimed());
  }

  async close(): Promise<void> {
    await this.#database.close();
  }

  #transaction<Result>(work: (trx: Transaction<Tables>) => Promise<Result>): Promise<Result> {
    return this.#guard(() => this.#database.transaction(work));
  }

  async #guard<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw this.#database.storeError(error);
    }
  }
}
