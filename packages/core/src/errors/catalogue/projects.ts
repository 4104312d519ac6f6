import { defineErrors } from "../definition.ts";

/** Errors of projects, repositories and pipelines of a server. */
export const projectErrors = defineErrors(
  { severity: "error", exitCode: 2, httpStatus: 409 },
  {
    PROJECT_NAME_TAKEN: {
      title: "There is a project of this name",
      message: 'There is a project "{name}" already.',
      remedy: "Take another name, or use the project that is there.",
      help: "errors.md#project_name_taken",
      example: "",
    },
    REPOSITORY_CHECKS_BUSY: {
      title: "Too many repositories are being looked at",
      message: "{limit} repositories are being looked at already.",
      remedy: "Try it again in a moment.",
      httpStatus: 429,
      help: "errors.md#repository_checks_busy",
      example: "",
    },
    PIPELINE_HAS_RUNS: {
      title: "A pipeline that has run is kept",
      message: 'The pipeline "{name}" is not removed: {problem}.',
      remedy: "Rename it, or keep it as it is: its runs are history, which nobody removes.",
      httpStatus: 409,
      help: "errors.md#pipeline_has_runs",
      example: "",
    },
    PROJECT_NOT_EMPTY: {
      title: "A project that has pipelines is kept",
      message: 'The project "{name}" is not removed: it has pipelines.',
      remedy: "Remove its pipelines first; those that have run are kept, and the project with them.",
      httpStatus: 409,
      help: "errors.md#project_not_empty",
      example: "",
    },
    PIPELINE_NAME_TAKEN: {
      title: "The project has a pipeline of this name",
      message: 'The project has a pipeline "{name}" already.',
      remedy: "Take another name, or use the pipeline that is there.",
      help: "errors.md#pipeline_name_taken",
      example: "",
    },
  },
);
