import { WaybillError, type Alongside } from "@waybill/core";
import type {
  PageRequest,
  Pipeline,
  PipelineChange,
  PipelineStore,
  Project,
  ProjectRecords,
  ProjectStore,
  Repository,
  RepositoryStore,
} from "@waybill/projects";
import type { Kysely, SelectQueryBuilder, Transaction } from "kysely";
import { storeAlongside } from "../runs/alongside.ts";
import type { RunDatabase } from "../runs/run-database.ts";
import type { Tables } from "../schema/tables.ts";
import { PIPELINE_COLUMNS, PROJECT_COLUMNS, ProjectRowReader, REPOSITORY_COLUMNS } from "./rows.ts";

/** Projects, repositories and pipelines on SQL. Ids sort by time of creation, so they are the order of pages. */
export function sqlProjectRecords(database: RunDatabase): ProjectRecords {
  const rows = new ProjectRowReader(database.path);
  return {
    projects: new SqlProjectStore(database, rows),
    repositories: new SqlRepositoryStore(database, rows),
    pipelines: new SqlPipelineStore(database, rows),
  };
}

abstract class SqlRecords {
  protected readonly database: RunDatabase;
  protected readonly rows: ProjectRowReader;

  constructor(database: RunDatabase, rows: ProjectRowReader) {
    this.database = database;
    this.rows = rows;
  }

  protected async guard<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw this.database.storeError(error);
    }
  }

  protected transaction<Result>(work: (trx: Transaction<Tables>) => Promise<Result>): Promise<Result> {
    return this.guard(() => this.database.transaction(work));
  }
}

class SqlProjectStore extends SqlRecords implements ProjectStore {
  async create({ id, name, createdAt, updatedAt }: Project, alongside?: Alongside): Promise<void> {
    await this.transaction(async (trx) => {
      const { numInsertedOrUpdatedRows } = await trx
        .insertInto("projects")
        .values({ id, name, created_at: createdAt, updated_at: updatedAt })
        .onConflict((conflict) => conflict.column("name").doNothing())
        .executeTakeFirst();
      if (numInsertedOrUpdatedRows !== 1n) throw new WaybillError("PROJECT_NAME_TAKEN", { name });
      await storeAlongside(trx, alongside);
    });
  }

  async find(id: string): Promise<Project | null> {
    const query = this.database.db.selectFrom("projects").select(PROJECT_COLUMNS).where("id", "=", id);
    const row = await this.guard(() => query.executeTakeFirst());
    return row === undefined ? null : this.rows.project(row);
  }

  async page({ after, limit, projectIds }: PageRequest): Promise<readonly Project[]> {
    if (projectIds?.length === 0) return [];
    let query = this.database.db.selectFrom("projects").select(PROJECT_COLUMNS).orderBy("id").limit(limit);
    if (projectIds !== undefined) query = query.where("id", "in", projectIds);
    if (after !== null) query = query.where("id", ">", after);
    return (await this.guard(() => query.execute())).map((row) => this.rows.project(row));
  }

  async rename(id: string, name: string, at: number, alongside?: Alongside): Promise<Project | null> {
    await this.guard(() =>
      this.database.transaction(async (trx) => {
        await this.database.lockFor(trx, "project names");
        const other = await trx
          .selectFrom("projects")
          .select("id")
          .where("name", "=", name)
          .where("id", "<>", id)
          .executeTakeFirst();
        if (other !== undefined) throw new WaybillError("PROJECT_NAME_TAKEN", { name });
        const change = trx.updateTable("projects").set({ name, updated_at: at }).where("id", "=", id);
        if ((await change.executeTakeFirst()).numUpdatedRows === 1n) await storeAlongside(trx, alongside);
      }),
    );
    return await this.find(id);
  }

  async remove(id: string, alongside?: Alongside): Promise<void> {
    await this.guard(() =>
      this.database.transaction(async (trx) => {
        const project = await trx.selectFrom("projects").select("name").where("id", "=", id).executeTakeFirst();
        if (project === undefined) return;
        const pipeline = await trx
          .selectFrom("pipelines")
          .select("id")
          .where("project_id", "=", id)
          .limit(1)
          .executeTakeFirst();
        if (pipeline !== undefined) throw new WaybillError("PROJECT_NOT_EMPTY", { name: project.name });
        await trx.deleteFrom("webhook_secrets").where("repository_id", "in", repositoriesOf(trx, id)).execute();
        // What only makes sense in it; approvals and the audit log are history.
        await trx.deleteFrom("secrets").where("project_id", "=", id).execute();
        await trx.deleteFrom("environments").where("project_id", "=", id).execute();
        await trx.deleteFrom("project_members").where("project_id", "=", id).execute();
        await trx.deleteFrom("tokens").where("project_id", "=", id).execute();
        await trx.deleteFrom("projects").where("id", "=", id).execute();
        await storeAlongside(trx, alongside);
      }),
    );
  }
}

class SqlRepositoryStore extends SqlRecords implements RepositoryStore {
  async findOrCreate(repository: Repository): Promise<Repository> {
    return await this.guard(() => findOrCreateRepository(this.database.db, this.rows, repository));
  }

  async find(id: string): Promise<Repository | null> {
    const query = this.database.db.selectFrom("repositories").select(REPOSITORY_COLUMNS).where("id", "=", id);
    const row = await this.guard(() => query.executeTakeFirst());
    return row === undefined ? null : this.rows.repository(row);
  }

  async withUrl(url: string): Promise<readonly Repository[]> {
    const query = this.database.db
      .selectFrom("repositories")
      .select(REPOSITORY_COLUMNS)
      .where("url", "=", url)
      .orderBy("id");
    return (await this.guard(() => query.execute())).map((row) => this.rows.repository(row));
  }
}

class SqlPipelineStore extends SqlRecords implements PipelineStore {
  async create(pipeline: Pipeline, alongside?: Alongside): Promise<void> {
    await this.transaction(async (trx) => {
      await insertPipeline(trx, pipeline);
      await storeAlongside(trx, alongside);
    });
  }

  async createWithRepository(
    pipeline: Omit<Pipeline, "repositoryId">,
    repository: Repository,
    alongside?: Alongside,
  ): Promise<Repository> {
    return await this.transaction(async (trx) => {
      const kept = await findOrCreateRepository(trx, this.rows, repository);
      await insertPipeline(trx, { ...pipeline, repositoryId: kept.id });
      await storeAlongside(trx, alongside);
      return kept;
    });
  }

  async find(id: string): Promise<Pipeline | null> {
    const query = this.database.db.selectFrom("pipelines").select(PIPELINE_COLUMNS).where("id", "=", id);
    const row = await this.guard(() => query.executeTakeFirst());
    return row === undefined ? null : this.rows.pipeline(row);
  }

  async page(projectId: string | null, page: PageRequest): Promise<readonly Pipeline[]> {
    const { after, limit, projectIds } = page;
    if (projectIds?.length === 0) return [];
    let query = this.database.db.selectFrom("pipelines").select(PIPELINE_COLUMNS).orderBy("id").limit(limit);
    if (projectId !== null) query = query.where("project_id", "=", projectId);
    if (projectIds !== undefined) query = query.where("project_id", "in", projectIds);
    if (after !== null) query = query.where("id", ">", after);
    return (await this.guard(() => query.execute())).map((row) => this.rows.pipeline(row));
  }

  async change(
    id: string,
    { name, configPath, defaultBranch }: PipelineChange,
    alongside?: Alongside,
  ): Promise<Pipeline | null> {
    await this.guard(() =>
      this.database.transaction(async (trx) => {
        const known = await trx
          .selectFrom("pipelines")
          .select(["project_id", "repository_id"])
          .where("id", "=", id)
          .executeTakeFirst();
        if (known === undefined) return;
        await this.database.lockFor(trx, `pipeline names of ${known.project_id}`);
        if (name !== undefined) {
          const other = await trx
            .selectFrom("pipelines")
            .select("id")
            .where("project_id", "=", known.project_id)
            .where("name", "=", name)
            .where("id", "<>", id)
            .executeTakeFirst();
          if (other !== undefined) throw new WaybillError("PIPELINE_NAME_TAKEN", { name });
        }
        const columns = {
          ...(name === undefined ? {} : { name }),
          ...(configPath === undefined ? {} : { config_path: configPath }),
        };
        if (Object.keys(columns).length > 0) {
          await trx.updateTable("pipelines").set(columns).where("id", "=", id).execute();
        }
        if (defaultBranch !== undefined) {
          const branch = { default_branch: defaultBranch };
          await trx.updateTable("repositories").set(branch).where("id", "=", known.repository_id).execute();
        }
        await storeAlongside(trx, alongside);
      }),
    );
    return await this.find(id);
  }

  async remove(id: string, alongside?: Alongside): Promise<void> {
    await this.guard(() =>
      this.database.transaction(async (trx) => {
        // A run of it that is stored at this moment comes before, and is seen, or after, and is refused.
        await this.database.lockNumbers(trx);
        const pipeline = await trx.selectFrom("pipelines").select("name").where("id", "=", id).executeTakeFirst();
        if (pipeline === undefined) return;
        const runs = trx.selectFrom("pipeline_runs").select("number").where("pipeline_id", "=", id).limit(1);
        const open = await runs.where("status", "in", ["pending", "running"]).executeTakeFirst();
        const any = open ?? (await runs.executeTakeFirst());
        if (any !== undefined) {
          const problem = open === undefined ? "it has runs, which are kept" : `run ${open.number} has not ended`;
          throw new WaybillError("PIPELINE_HAS_RUNS", { name: pipeline.name, problem });
        }
        await trx.deleteFrom("pipelines").where("id", "=", id).execute();
        await storeAlongside(trx, alongside);
      }),
    );
  }

  async ofRepository(repositoryId: string): Promise<readonly Pipeline[]> {
    const query = this.database.db
      .selectFrom("pipelines")
      .select(PIPELINE_COLUMNS)
      .where("repository_id", "=", repositoryId)
      .orderBy("id");
    return (await this.guard(() => query.execute())).map((row) => this.rows.pipeline(row));
  }
}

async function findOrCreateRepository(
  db: Kysely<Tables>,
  rows: ProjectRowReader,
  { id, projectId, url, defaultBranch, createdAt }: Repository,
): Promise<Repository> {
  await db
    .insertInto("repositories")
    .values({ id, project_id: projectId, url, default_branch: defaultBranch, created_at: createdAt })
    .onConflict((conflict) => conflict.columns(["project_id", "url"]).doNothing())
    .execute();
  const row = await db
    .selectFrom("repositories")
    .select(REPOSITORY_COLUMNS)
    .where("project_id", "=", projectId)
    .where("url", "=", url)
    .executeTakeFirstOrThrow();
  return rows.repository(row);
}

async function insertPipeline(
  trx: Transaction<Tables>,
  { id, projectId, repositoryId, name, configPath, createdAt }: Pipeline,
): Promise<void> {
  const values = { id, project_id: projectId, repository_id: repositoryId, name };
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto("pipelines")
    .values({ ...values, config_path: configPath, created_at: createdAt })
    .onConflict((conflict) => conflict.columns(["project_id", "name"]).doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows !== 1n) throw new WaybillError("PIPELINE_NAME_TAKEN", { name });
}

/** Their secrets have no key that would take them along. */
function repositoriesOf(
  trx: Transaction<Tables>,
  projectId: string,
): SelectQueryBuilder<Tables, "repositories", { id: string }> {
  return trx.selectFrom("repositories").select("id").where("project_id", "=", projectId);
}
