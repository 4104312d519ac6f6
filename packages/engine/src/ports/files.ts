/** Directories in which jobs work. */
export interface Workspaces {
  /** Freezes the project's files as they are now; every workspace of the run starts from them. */
  snapshot(runId: string): Promise<void>;
  /** A fresh directory with the project's files; anything left there by an earlier try is gone. Absolute path. */
  create(runId: string, jobName: string, attempt: number): Promise<string>;
  /** Where `create` made the job's workspace, left as it is; whether it still exists is not looked at. */
  locate(runId: string, jobName: string, attempt: number): string;
  remove(workspace: string): Promise<void>;
  /** Removes the snapshot and every workspace of the run. */
  removeRun(runId: string): Promise<void>;
}

/** What jobs build, kept and handed to the jobs after them. */
export interface ArtifactStore {
  /**
   * Copies what `patterns` name in the workspace into the store, all of it or nothing.
   * @returns the artifacts in the order of `patterns`, without optional ones that are not there
   * @throws WaybillError `ARTIFACT_MISSING` where a pattern matches nothing, `ARTIFACT_UNSAFE` where it leaves the
   *   workspace, `ARTIFACT_QUOTA_EXCEEDED` where the store takes no more.
   */
  save(request: SaveArtifacts): Promise<readonly SavedArtifact[]>;
  /**
   * Puts the files back under the relative paths they were saved from. Later artifacts replace files of earlier ones.
   * Nothing is put there that is not what was saved.
   * @throws WaybillError `ARTIFACT_LOST`, `ARTIFACT_CORRUPTED`
   */
  restore(artifacts: readonly SavedArtifact[], workspace: string, onProgress?: ProgressListener): Promise<void>;
}

/** Called often while files are saved or restored; it must be quick. */
export type ProgressListener = (progress: TransferProgress) => void;

export interface TransferProgress {
  /** Name of the artifact. */
  readonly artifact: string;
  readonly doneBytes: number;
  /** Of this artifact. */
  readonly totalBytes: number;
}

export interface SaveArtifacts {
  readonly runId: string;
  readonly jobName: string;
  readonly workspace: string;
  /** Artifact name -> paths or glob patterns relative to the workspace. */
  readonly patterns: Readonly<Record<string, readonly string[]>>;
  /** Names of artifacts that need not be there. */
  readonly optional?: readonly string[];
  readonly onProgress?: ProgressListener;
}

export interface SavedArtifact {
  readonly name: string;
  readonly jobName: string;
  /** The store's own reference, enough to find the artifact again after a restart. */
  readonly ref: string;
  readonly sizeBytes: number;
  readonly fileCount: number;
}

/** Output of jobs. */
export interface LogStore {
  /** Appends to the log of a job, which is made where there is none. One writer at a time. */
  write(runId: string, jobName: string): LogWriter;
  /**
   * Lines of a job in order, `fromLine` counting from 0; empty where the job printed nothing. Lines that cannot be read
   * any more are left out and count all the same.
   * @throws WaybillError `STORE_LOG_DAMAGED` behind the lines, where some of them had to be left out
   */
  read(runId: string, jobName: string, range?: LogRange): AsyncIterable<LogLine>;
  lineCount(runId: string, jobName: string): Promise<number>;
  /**
   * Whether anything is missing at the end of a log that nobody writes any more, in words; null: nothing is. While it
   * is written, and where it is gone on with after a crash, its end is no damage.
   */
  findLoss(runId: string, jobName: string): Promise<string | null>;
}

export interface LogWriter {
  /** Queues lines; returns at once. An error to write is thrown by `flush` or `close`. */
  append(lines: readonly LogLine[]): void;
  /** All that was appended can be read by others on return. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface LogRange {
  readonly fromLine?: number;
  readonly maxLines?: number;
}

export interface LogLine {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly stream: "stdout" | "stderr" | "system";
  /** Position of the step in the job, from 0. */
  readonly step: number;
  readonly attempt: number;
  /** Where the executor's stream stood behind this line: output is taken up again from here after a restart. */
  readonly sourceOffset: number;
  /** Without its line break. */
  readonly text: string;
}
