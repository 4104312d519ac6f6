import { WaybillError } from "@waybill/core";
import type {
  PageRequest,
  Pipeline,
  PipelineStore,
  Project,
  ProjectRecords,
  ProjectStore,
  Repository,
  RepositoryStore,
} from "@waybill/projects";
import type { SelectQueryBuilder, Transaction } from "kysely";
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
}

class SqlProjectStore extends SqlRecords implements ProjectStore {
  async create({ id, name, createdAt, updatedAt }: Project): Promise<void> {
    const { numInsertedOrUpdatedRows } = await this.guard(() =>
      this.database.db
        .insertInto("projects")
        .values({ id, name, created_at: createdAt, updated_at: updatedAt })
        .onConflict((conflict) => conflict.column("name").doNothing())
        .executeTakeFirst(),
    );
    if (numInsertedOrUpdatedRows !== 1n) throw new WaybillError("PROJECT_NAME_TAKEN", { name });
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

  async rename(id: string, name: string, at: number): Promise<Project | null> {
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
        await trx.updateTable("projects").set({ name, updated_at: at }).where("id", "=", id).execute();
      }),
    );
    return await this.find(id);
  }

  async remove(id: string): Promise<void> {
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
        await trx.deleteFrom("project_members").where("project_id", "=", id).execute();
        await trx.deleteFrom("tokens").where("project_id", "=", id).execute();
        await trx.deleteFrom("projects").where("id", "=", id).execute();
      }),
    );
  }
}

class SqlRepositoryStore extends SqlRecords implements RepositoryStore {
  async findOrCreate({ id, projectId, url, defaultBranch, createdAt }: Repository): Promise<Repository> {
    const { db } = this.database;
    const values = { id, project_id: projectId, url, default_branch: defaultBranch, created_at: createdAt };
    const row = await this.guard(async () => {
      await db
        .insertInto("repositories")
        .values(values)
        .onConflict((conflict) => conflict.columns(["project_id", "url"]).doNothing())
        .execute();
      return await db
        .selectFrom("repositories")
        .select(REPOSITORY_COLUMNS)
        .where("project_id", "=", projectId)
        .where("url", "=", url)
        .executeTakeFirstOrThrow();
    });
    return this.rows.repository(row);
  }

  async find(id: string): Promise<Repository | null> {
    const query = this.database.db.selectFrom("repositories").select(REPOSITORY_COLUMNS).where("id", "=", id);
    const row = await this.guard(() => query.executeTakeFirst());
    return row === undefined ? null : this.rows.repository(row);
  }

  async setDefaultBranch(id: string, branch: string): Promise<Repository | null> {
    await this.guard(() =>
      this.database.db.updateTable("repositories").set({ default_branch: branch }).where("id", "=", id).execute(),
    );
    return await this.find(id);
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
  async create({ id, projectId, repositoryId, name, configPath, createdAt }: Pipeline): Promise<void> {
    const { numInsertedOrUpdatedRows } = await this.guard(() =>
      this.database.db
        .insertInto("pipelines")
        .values({
          id,
          project_id: projectId,
          repository_id: repositoryId,
          name,
          config_path: configPath,
          created_at: createdAt,
        })
        .onConflict((conflict) => conflict.columns(["project_id", "name"]).doNothing())
        .executeTakeFirst(),
    );
    if (numInsertedOrUpdatedRows !== 1n) throw new WaybillError("PIPELINE_NAME_TAKEN", { name });
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
    { name, configPath }: Partial<Pick<Pipeline, "name" | "configPath">>,
  ): Promise<Pipeline | null> {
    await this.guard(() =>
      this.database.transaction(async (trx) => {
        const known = await trx.selectFrom("pipelines").select("project_id").where("id", "=", id).executeTakeFirst();
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
        if (Object.keys(columns).length === 0) return;
        await trx.updateTable("pipelines").set(columns).where("id", "=", id).execute();
      }),
    );
    return await this.find(id);
  }

  async remove(id: string): Promise<void> {
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

/** Their secrets have no key that would take them along. */
function repositoriesOf(
  trx: Transaction<Tables>,
  projectId: string,
): SelectQueryBuilder<Tables, "repositories", { id: string }> {
  return trx.selectFrom("repositories").select("id").where("project_id", "=", projectId);
}
