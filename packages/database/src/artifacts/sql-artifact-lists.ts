import type { ArtifactRecord, FoundArtifact } from "@waybill/engine";
import { sql } from "kysely";
import type { RunDatabase } from "../runs/run-database.ts";
import { ARTIFACT_COLUMNS, RowReader } from "../runs/rows.ts";

export interface ArtifactQuery {
  /** Only those of these projects. */
  readonly projectIds?: readonly string[] | undefined;
  readonly runId?: string | undefined;
  /** Name of the job. */
  readonly job?: string | undefined;
  /** What an artifact's name holds, in any case. */
  readonly name?: string | undefined;
  /** Id of the artifact that the page before ended with. */
  readonly before?: string | undefined;
  readonly limit: number;
}

export interface ListedArtifact extends FoundArtifact {
  readonly runNumber: number;
  readonly pipelineId: string | null;
  readonly projectId: string | null;
}

export interface ArtifactPage {
  /** Newest first. */
  readonly items: readonly ListedArtifact[];
  /** For the next page, which there may be though this one is short or empty; null: this is the last. */
  readonly next: string | null;
}

export interface ProjectUse {
  /** Null: runs of directories. */
  readonly projectId: string | null;
  readonly artifacts: number;
  readonly bytes: number;
}

/** Artifacts that one page looks at, whatever of them fits. */
const LOOKED_AT = 5_000;
const SUMMED_AT_ONCE = 1_000;

/** Artifacts of all runs. */
export class SqlArtifactLists {
  readonly #database: RunDatabase;
  readonly #rows: RowReader;

  constructor(database: RunDatabase) {
    this.#database = database;
    this.#rows = new RowReader(database.path);
  }

  async page({ projectIds, runId, job, name, before, limit }: ArtifactQuery): Promise<ArtifactPage> {
    if (projectIds?.length === 0) return { items: [], next: null };
    const { reader: db } = this.#database;
    let looked = db.selectFrom("artifacts").selectAll().orderBy("id", "desc").limit(LOOKED_AT);
    if (before !== undefined) looked = looked.where("id", "<", before);
    if (runId !== undefined) {
      const jobs = db.selectFrom("jobs").select("id").where("pipeline_run_id", "=", runId);
      looked = looked.where("job_id", "in", jobs);
    }
    let query = db
      .selectFrom(looked.as("artifacts"))
      .innerJoin("jobs", "jobs.id", "artifacts.job_id")
      .innerJoin("pipeline_runs", "pipeline_runs.id", "jobs.pipeline_run_id")
      .leftJoin("pipelines", "pipelines.id", "pipeline_runs.pipeline_id")
      .select(ARTIFACT_COLUMNS.map((column) => `artifacts.${column}` as const))
      .select(["jobs.name as job_name", "jobs.pipeline_run_id", "pipeline_runs.number"])
      .select(["pipeline_runs.pipeline_id", "pipelines.project_id"])
      .orderBy("artifacts.id", "desc")
      .limit(limit + 1);
    if (projectIds !== undefined) query = query.where("pipelines.project_id", "in", projectIds);
    if (job !== undefined) query = query.where("jobs.name", "=", job);
    if (name !== undefined) {
      const pattern = `%${name.toLowerCase().replaceAll(/[\\%_]/g, "\\$&")}%`;
      query = query.where(sql<boolean>`lower(artifacts.name) like ${pattern} escape '\\'`);
    }
    const rows = await this.#guard(() => query.execute());
    const items = rows.slice(0, limit).map((row) => this.#listed(row));
    if (rows.length > limit) return { items, next: items.at(-1)?.artifact.id ?? null };
    const { count, last } = await this.#guard(() =>
      db
        .selectFrom(looked.as("looked"))
        .select((of) => [of.fn.countAll().as("count"), of.fn.min("id").as("last")])
        .executeTakeFirstOrThrow(),
    );
    return { items, next: Number(count) < LOOKED_AT ? null : last };
  }

  /**
   * What the artifacts of each project are in bytes. What several share counts for each of them.
   *
   * @param most artifacts that are looked at, the newest; read in slices, so that nothing else waits long
   */
  async useByProject(
    most: number,
  ): Promise<{ readonly projects: readonly ProjectUse[]; readonly isComplete: boolean }> {
    const { reader: db } = this.#database;
    const uses = new Map<string | null, { artifacts: number; bytes: number }>();
    const projectOf = new Map<string, string | null>();
    let before: string | null = null;
    let isComplete = false;
    for (let seen = 0; seen < most && !isComplete; seen += SUMMED_AT_ONCE) {
      let query = db
        .selectFrom("artifacts")
        .innerJoin("jobs", "jobs.id", "artifacts.job_id")
        .select(["artifacts.id", "artifacts.size_bytes", "jobs.pipeline_run_id"])
        .orderBy("artifacts.id", "desc")
        .limit(SUMMED_AT_ONCE);
      if (before !== null) query = query.where("artifacts.id", "<", before);
      const rows = await this.#guard(() => query.execute());
      await this.#learnProjects(projectOf, [...new Set(rows.map((row) => row.pipeline_run_id))]);
      for (const { pipeline_run_id: run, size_bytes: bytes } of rows) {
        const projectId = projectOf.get(run) ?? null;
        const use = uses.get(projectId) ?? { artifacts: 0, bytes: 0 };
        uses.set(projectId, { artifacts: use.artifacts + 1, bytes: use.bytes + bytes });
      }
      before = rows.at(-1)?.id ?? null;
      isComplete = rows.length < SUMMED_AT_ONCE;
    }
    return { projects: [...uses].map(([projectId, use]) => ({ projectId, ...use })), isComplete };
  }

  async #learnProjects(known: Map<string, string | null>, runIds: readonly string[]): Promise<void> {
    const wanted = runIds.filter((id) => !known.has(id));
    if (wanted.length === 0) return;
    const query = this.#database.reader
      .selectFrom("pipeline_runs")
      .leftJoin("pipelines", "pipelines.id", "pipeline_runs.pipeline_id")
      .select(["pipeline_runs.id", "pipelines.project_id"])
      .where("pipeline_runs.id", "in", wanted);
    for (const { id, project_id } of await this.#guard(() => query.execute())) known.set(id, project_id);
  }

  #listed(
    row: { readonly [Column in (typeof ARTIFACT_COLUMNS)[number]]: unknown } & {
      readonly job_name: string;
      readonly pipeline_run_id: string;
      readonly number: number;
      readonly pipeline_id: string | null;
      readonly project_id: string | null;
    },
  ): ListedArtifact {
    const { job_name: jobName, pipeline_run_id: runId, number, pipeline_id: pipelineId, project_id, ...columns } = row;
    const artifact: ArtifactRecord = this.#rows.artifact(columns);
    return { artifact, jobName, runId, runNumber: number, pipelineId, projectId: project_id };
  }

  async #guard<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw this.#database.storeError(error);
    }
  }
}
