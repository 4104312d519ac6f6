import type { Alongside } from "@waybill/core";

/** What a team calls one thing it builds and ships. Times are milliseconds since the epoch. */
export interface Project {
  readonly id: string;
  /** Unique. */
  readonly name: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A Git repository whose pushes a project cares about. */
export interface Repository {
  readonly id: string;
  readonly projectId: string;
  /** As Git gets it, without credentials. Unique in its project. */
  readonly url: string;
  /** Without `refs/heads/`. */
  readonly defaultBranch: string;
  readonly createdAt: number;
}

/** A repository and the path of a pipeline file in it. */
export interface Pipeline {
  readonly id: string;
  readonly projectId: string;
  readonly repositoryId: string;
  /** Unique in its project. */
  readonly name: string;
  /** Relative to the top of the repository. */
  readonly configPath: string;
  readonly createdAt: number;
}

/** One page of records in the order they were made. */
export interface PageRequest {
  /** Id of the last record of the page before; null: from the first. */
  readonly after: string | null;
  readonly limit: number;
  /** Only these projects, or what is in them. */
  readonly projectIds?: readonly string[] | undefined;
}

export interface ProjectStore {
  /** @throws WaybillError `PROJECT_NAME_TAKEN` */
  create(project: Project, alongside?: Alongside): Promise<void>;
  find(id: string): Promise<Project | null>;
  page(request: PageRequest): Promise<readonly Project[]>;
  /**
   * @returns null: there is no such project
   * @throws WaybillError `PROJECT_NAME_TAKEN`
   */
  rename(id: string, name: string, at: number, alongside?: Alongside): Promise<Project | null>;
  /** @throws WaybillError `PROJECT_NOT_EMPTY` where it has pipelines */
  remove(id: string, alongside?: Alongside): Promise<void>;
}

export interface RepositoryStore {
  /** As it is kept: of repositories of one project and address there is one, the first that was made. */
  findOrCreate(repository: Repository): Promise<Repository>;
  find(id: string): Promise<Repository | null>;
  /** Of all projects. */
  withUrl(url: string): Promise<readonly Repository[]>;
}

export interface PipelineChange extends Partial<Pick<Pipeline, "name" | "configPath">> {
  /** Of its repository, and so of all pipelines of that. */
  readonly defaultBranch?: string;
}

export interface PipelineStore {
  /** @throws WaybillError `PIPELINE_NAME_TAKEN` */
  create(pipeline: Pipeline, alongside?: Alongside): Promise<void>;
  /**
   * Creates a pipeline and, where its project has none of that address, its repository: both or neither.
   *
   * @returns the repository as it is kept
   * @throws WaybillError `PIPELINE_NAME_TAKEN`
   */
  createWithRepository(
    pipeline: Omit<Pipeline, "repositoryId">,
    repository: Repository,
    alongside?: Alongside,
  ): Promise<Repository>;
  find(id: string): Promise<Pipeline | null>;
  /** @param projectId null: of all projects */
  page(projectId: string | null, request: PageRequest): Promise<readonly Pipeline[]>;
  /**
   * @returns null: there is no such pipeline
   * @throws WaybillError `PIPELINE_NAME_TAKEN`
   */
  change(id: string, change: PipelineChange, alongside?: Alongside): Promise<Pipeline | null>;
  /** @throws WaybillError `PIPELINE_HAS_RUNS` */
  remove(id: string, alongside?: Alongside): Promise<void>;
  ofRepository(repositoryId: string): Promise<readonly Pipeline[]>;
}

/** The stores of one database. */
export interface ProjectRecords {
  readonly projects: ProjectStore;
  readonly repositories: RepositoryStore;
  readonly pipelines: PipelineStore;
}
