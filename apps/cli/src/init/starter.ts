/** A first pipeline, as far as it can be told from a project's files. */
export interface StarterJob {
  readonly name: string;
  /** What was seen, for the comment above the job. */
  readonly because: string;
  /** Relative to the project; null: the project itself. */
  readonly directory: string | null;
  readonly steps: readonly StarterStep[];
}

export interface StarterStep {
  readonly name: string;
  /** Shell command lines. */
  readonly script: readonly string[];
}

/** What one kind of project contributes. */
export interface Detection {
  /** What was seen, for example `package.json (npm)`. */
  readonly because: string;
  readonly steps: readonly StarterStep[];
  /** Things a person should know, printed as comments at the top. */
  readonly hints?: readonly string[];
}

export interface Detector {
  /** Also the name of the job. */
  readonly id: string;
  /**
   * When it counts: `toolchain` always; `wrapper` only where no toolchain was found (a Makefile mostly calls one);
   * `packaging` after all others, depending on them.
   */
  readonly kind: "toolchain" | "wrapper" | "packaging";
  detect(files: ProjectFiles): Detection | null;
}

/** The files a detector may look at: those directly in one directory. */
export interface ProjectFiles {
  readonly names: ReadonlySet<string>;
  /** Text of a file of at most 1 MiB; null: not there, or not readable as that. */
  read(name: string): string | null;
}
