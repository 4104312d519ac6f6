import { sql, type Kysely, type RawBuilder, type SelectQueryBuilder } from "kysely";
import type { RunDatabase } from "../runs/run-database.ts";
import { pageOfRuns } from "../runs/page-of-runs.ts";
import { RowReader } from "../runs/rows.ts";
import type { Tables } from "../schema/tables.ts";
import { fullNameOf, runNameOfRef, type RunName, type RunNameKind } from "./run-name.ts";
import { rankOf, readSearch, type SearchText } from "./search-text.ts";

export type SearchKind = "project" | "pipeline" | "run" | "job" | "commit" | "branch" | "tag" | "ref" | "pull_request";

/** Something that a search has found. Ids are null where the thing is of none. */
export interface SearchHit {
  readonly kind: SearchKind;
  /** Of a commit its whole name, of a ref the full ref, of all else the id. */
  readonly id: string;
  readonly title: string;
  readonly subtitle: string;
  readonly projectId: string | null;
  readonly projectName: string | null;
  readonly pipelineId: string | null;
  /** The run itself, or the newest one of what was found. */
  readonly runId: string | null;
  readonly jobId: string | null;
  /** Of the run or job. */
  readonly status: string | null;
  /** When it was made, or last seen in a run, in milliseconds since the epoch. */
  readonly matchedAt: number;
}

/** Projects whose things may be found; `all` has runs of directories among them. */
export type Visible = readonly string[] | "all";

export interface SearchQuery {
  readonly text: string;
  readonly limit: number;
  /** Where each kind of thing may be seen. */
  readonly projects: Visible;
  readonly pipelines: Visible;
  readonly runs: Visible;
}

/** The newest runs whose jobs are looked through, and the jobs that are looked at. */
const RUNS_WITH_JOBS = 50;
const JOBS = 5_000;
/** The newest branches and tags that are looked through; those that begin with a text are found at any age. */
const NAMES = 5_000;
/** What is above every character that a name may hold. */
const ABOVE = "\u{10ffff}";

interface Found extends SearchHit {
  /** 0: the very name; higher: less alike. */
  readonly rank: number;
}

/**
 * One search over all that has a name. Each part reads a bounded number of rows, most of them by an index, however many
 * runs there are.
 */
export class SqlSearch {
  readonly #database: RunDatabase;
  readonly #db: Kysely<Tables>;
  readonly #rows: RowReader;

  constructor(database: RunDatabase) {
    this.#database = database;
    this.#db = database.reader;
    this.#rows = new RowReader(database.path);
  }

  /** Best first: the very name, then what begins with it, then what holds it; of those alike the newest. */
  async find({ text, limit, projects, pipelines, runs }: SearchQuery): Promise<readonly SearchHit[]> {
    const wanted = readSearch(text);
    try {
      const numbered = [...(await this.#runs(wanted, runs, limit)), ...(await this.#pullRequests(wanted, runs, limit))];
      if (wanted.isMarked) return best(numbered, limit);
      const found = [
        ...numbered,
        ...(await this.#projects(wanted, projects, limit)),
        ...(await this.#pipelines(wanted, pipelines, limit)),
        ...(await this.#commits(wanted, runs, limit)),
        ...(await this.#branchesAndTags(wanted, runs, limit)),
        ...(await this.#jobs(wanted, runs, limit)),
      ];
      return best(found, limit);
    } catch (error) {
      throw this.#database.storeError(error);
    }
  }

  async #projects({ text, pattern }: SearchText, visible: Visible, limit: number): Promise<readonly Found[]> {
    if (visible.length === 0) return [];
    let query = this.#db
      .selectFrom("projects")
      .select(["id", "name", "updated_at"])
      .where(contains(sql.ref("name"), pattern))
      // The shortest that hold a text are the most alike.
      .orderBy(sql`length(name)`)
      .orderBy("name")
      .limit(limit);
    if (visible !== "all") query = query.where("id", "in", visible);
    return (await query.execute()).map(({ id, name, updated_at: matchedAt }) => ({
      ...{ kind: "project", id, title: name, subtitle: "", projectId: id, projectName: name, ...NO_RUN },
      ...{ matchedAt, rank: rankOf(name, text) },
    }));
  }

  async #pipelines({ text, pattern }: SearchText, visible: Visible, limit: number): Promise<readonly Found[]> {
    if (visible.length === 0) return [];
    let query = this.#db
      .selectFrom("pipelines")
      .innerJoin("projects", "projects.id", "pipelines.project_id")
      .innerJoin("repositories", "repositories.id", "pipelines.repository_id")
      .select(["pipelines.id", "pipelines.name", "pipelines.created_at", "pipelines.project_id", "repositories.url"])
      .select("projects.name as project_name")
      .where((of) =>
        of.or([contains(sql.ref("pipelines.name"), pattern), contains(sql.ref("repositories.url"), pattern)]),
      )
      .orderBy(contains(sql.ref("pipelines.name"), pattern), "desc")
      .orderBy(sql`length(pipelines.name)`)
      .orderBy("pipelines.name")
      .limit(limit);
    if (visible !== "all") query = query.where("pipelines.project_id", "in", visible);
    return (await query.execute()).map(({ id, name, created_at: matchedAt, project_id, project_name, url }) => ({
      ...{ kind: "pipeline", id, title: name, subtitle: url, projectId: project_id, projectName: project_name },
      ...{ ...NO_RUN, pipelineId: id, matchedAt, rank: rankOf(name, text) },
    }));
  }

  async #runs({ number, idPrefix, text }: SearchText, visible: Visible, limit: number): Promise<readonly Found[]> {
    if (visible.length === 0 || (number === null && idPrefix === null)) return [];
    let query = this.#db
      .selectFrom("pipeline_runs")
      .leftJoin("pipelines", "pipelines.id", "pipeline_runs.pipeline_id")
      .leftJoin("projects", "projects.id", "pipelines.project_id")
      .select(["pipeline_runs.id", "pipeline_runs.number", "pipeline_runs.pipeline_name", "pipeline_runs.status"])
      .select(["pipeline_runs.created_at", "pipeline_runs.pipeline_id", "pipeline_runs.git_ref"])
      .select(["pipelines.project_id", "projects.name as project_name"])
      .where((of) =>
        of.or([
          ...(number === null ? [] : [of("pipeline_runs.number", "=", number)]),
          ...(idPrefix === null ? [] : [startsWith(sql.ref("pipeline_runs.id"), idPrefix)]),
        ]),
      )
      .orderBy("pipeline_runs.number", "desc")
      .limit(limit);
    if (visible !== "all") query = query.where("pipelines.project_id", "in", visible);
    return (await query.execute()).map((row) => ({
      ...{ kind: "run", id: row.id, title: `#${row.number}`, subtitle: runSubtitle(row.pipeline_name, row.git_ref) },
      ...{ projectId: row.project_id, projectName: row.project_name, pipelineId: row.pipeline_id, runId: row.id },
      ...{ jobId: null, status: row.status, matchedAt: row.created_at },
      rank: row.number === number ? 0 : rankOf(row.id, text),
    }));
  }

  async #commits({ shaPrefix }: SearchText, visible: Visible, limit: number): Promise<readonly Found[]> {
    if (shaPrefix === null) return [];
    return (await this.#beginning("commit", shaPrefix, visible, limit)).map((row) => nameFound(row, shaPrefix));
  }

  async #pullRequests({ text, refPrefixes }: SearchText, visible: Visible, limit: number): Promise<readonly Found[]> {
    const rows = await Promise.all(refPrefixes.map((prefix) => this.#beginning("ref", prefix, visible, limit)));
    return rows.flat().map((row) => nameFound(row, text));
  }

  async #branchesAndTags({ text, pattern }: SearchText, visible: Visible, limit: number): Promise<readonly Found[]> {
    const found = new Map<string, Found>();
    for (const kind of ["branch", "tag"] as const) {
      const newest = this.#db
        .selectFrom("run_names")
        .select(["kind", "name", "project_id", "run_number"])
        .where("kind", "=", kind)
        .orderBy("run_number", "desc")
        .limit(NAMES);
      let picked = this.#db
        .selectFrom(newest.as("newest"))
        .select(["kind", "name", "project_id"])
        .where(contains(sql.ref("newest.name"), pattern))
        .orderBy("run_number", "desc")
        .limit(limit);
      if (visible !== "all") picked = picked.where("project_id", "in", visible);
      const rows = [...(await this.#beginning(kind, text, visible, limit)), ...(await this.#named(picked, visible))];
      for (const row of rows) found.set(`${row.project_id} ${row.kind} ${row.name}`, nameFound(row, text));
    }
    return [...found.values()];
  }

  /** The first of those that begin with a text: the very name is among them. */
  #beginning(kind: RunNameKind, prefix: string, visible: Visible, limit: number): Promise<readonly NamedRow[]> {
    let picked = this.#db
      .selectFrom("run_names")
      .select(["kind", "name", "project_id"])
      .where("kind", "=", kind)
      .where(startsWith(sql.ref("run_names.name"), prefix))
      .orderBy("kind")
      .orderBy("name")
      .limit(limit);
    if (visible !== "all") picked = picked.where("project_id", "in", visible);
    return this.#named(picked, visible);
  }

  /** Only of the few that were picked are runs looked at. */
  async #named(picked: PickedNames, visible: Visible): Promise<readonly NamedRow[]> {
    if (visible.length === 0) return [];
    return await this.#db
      .selectFrom(picked.as("picked"))
      .innerJoin("run_names", (join) =>
        join
          .onRef("run_names.kind", "=", "picked.kind")
          .onRef("run_names.name", "=", "picked.name")
          .onRef("run_names.project_id", "=", "picked.project_id"),
      )
      .innerJoin("pipeline_runs", "pipeline_runs.id", "run_names.run_id")
      .innerJoin("projects", "projects.id", "run_names.project_id")
      .select(["run_names.kind", "run_names.name", "run_names.project_id", "run_names.run_id", "run_names.pipeline_id"])
      .select(["run_names.seen_at", "run_names.run_number", "pipeline_runs.status", "pipeline_runs.pipeline_name"])
      .select("projects.name as project_name")
      .execute();
  }

  async #jobs({ text, pattern }: SearchText, visible: Visible, limit: number): Promise<readonly Found[]> {
    const projectIds = visible === "all" ? undefined : visible;
    const newest = await pageOfRuns(this.#db, this.#rows, { projectIds, limit: RUNS_WITH_JOBS });
    if (newest.length === 0) return [];
    const runs = new Map(newest.map((run) => [run.id, run]));
    const looked = this.#db
      .selectFrom("jobs")
      .select(["id", "name", "status", "pipeline_run_id"])
      .where("pipeline_run_id", "in", [...runs.keys()])
      .limit(JOBS);
    const matching = await this.#db
      .selectFrom(looked.as("looked"))
      .selectAll()
      .where(contains(sql.ref("looked.name"), pattern))
      .execute();
    // A job of a pipeline once, as its newest run has it.
    const latest = new Map<string, (typeof matching)[number] & { readonly number: number }>();
    for (const job of matching) {
      const run = runs.get(job.pipeline_run_id);
      const key = `${run?.pipelineId ?? ""} ${job.name}`;
      const number = run?.number ?? 0;
      if ((latest.get(key)?.number ?? -1) < number) latest.set(key, { ...job, number });
    }
    const top = [...latest.values()]
      .map((job) => ({ ...job, rank: rankOf(job.name, text) }))
      .toSorted((one, other) => one.rank - other.rank || other.number - one.number)
      .slice(0, limit);
    const projects = await this.#projectsOf(top.map((job) => runs.get(job.pipeline_run_id)?.pipelineId ?? null));
    return top.map(({ id, name, status, pipeline_run_id: runId, rank }) => {
      const run = runs.get(runId);
      const pipelineId = run?.pipelineId ?? null;
      const project = projects.get(pipelineId ?? "") ?? { id: null, name: null };
      return {
        ...{ kind: "job", id, title: name, subtitle: `${run?.pipelineName ?? ""} #${run?.number ?? 0}` },
        ...{ projectId: project.id, projectName: project.name, pipelineId, runId, jobId: id },
        ...{ status, matchedAt: run?.createdAt ?? 0, rank },
      };
    });
  }

  async #projectsOf(
    pipelineIds: readonly (string | null)[],
  ): Promise<ReadonlyMap<string, { readonly id: string; readonly name: string }>> {
    const wanted = [...new Set(pipelineIds.filter((id) => id !== null))];
    if (wanted.length === 0) return new Map();
    const rows = await this.#db
      .selectFrom("pipelines")
      .innerJoin("projects", "projects.id", "pipelines.project_id")
      .select(["pipelines.id as pipeline_id", "projects.id", "projects.name"])
      .where("pipelines.id", "in", wanted)
      .execute();
    return new Map(rows.map(({ pipeline_id, id, name }) => [pipeline_id, { id, name }]));
  }
}

const NO_RUN = { pipelineId: null, runId: null, jobId: null, status: null };

type PickedNames = SelectQueryBuilder<Tables, never, RunName & { readonly project_id: string }>;

interface NamedRow extends RunName {
  readonly project_id: string;
  readonly project_name: string;
  readonly run_id: string;
  readonly run_number: number;
  readonly pipeline_id: string;
  readonly pipeline_name: string;
  readonly seen_at: number;
  readonly status: string;
}

function nameFound(row: NamedRow, text: string): Found {
  const { kind, name, project_id: projectId, project_name: projectName, run_id: runId, pipeline_id: pipelineId } = row;
  const pull = kind === "ref" ? readPullRequest(name) : null;
  return {
    kind: pull === null ? kind : "pull_request",
    id: fullNameOf(row),
    title: pull ?? name,
    subtitle: `${row.pipeline_name} #${row.run_number}`,
    ...{ projectId, projectName, pipelineId, runId, jobId: null, status: row.status, matchedAt: row.seen_at },
    rank: pull === null ? rankOf(name, text) : 0,
  };
}

function runSubtitle(pipeline: string, ref: string | null): string {
  if (ref === null) return pipeline;
  return `${pipeline} · ${readPullRequest(ref) ?? runNameOfRef(ref).name}`;
}

function readPullRequest(ref: string): string | null {
  const number = /^refs\/(?:pull|merge-requests)\/(\d+)\//.exec(ref)?.[1];
  return number === undefined ? null : `#${number}`;
}

function contains(text: RawBuilder<unknown>, pattern: string): RawBuilder<boolean> {
  return sql<boolean>`(lower(${text}) like ${pattern} escape '\\')`;
}

/** As a range, which indexes know. */
function startsWith(text: RawBuilder<unknown>, prefix: string): RawBuilder<boolean> {
  return sql<boolean>`(${text} >= ${prefix} and ${text} < ${prefix + ABOVE})`;
}

/** Of each kind at most half of them, as long as there are others. */
function best(found: readonly Found[], limit: number): readonly Found[] {
  const sorted = found.toSorted((one, other) => one.rank - other.rank || other.matchedAt - one.matchedAt);
  const counts = new Map<SearchKind, number>();
  const [first, rest]: [Found[], Found[]] = [[], []];
  for (const hit of sorted) {
    const count = counts.get(hit.kind) ?? 0;
    counts.set(hit.kind, count + 1);
    (count < Math.ceil(limit / 2) ? first : rest).push(hit);
  }
  return [...first, ...rest].slice(0, limit);
}
