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
    PIPELINE_NAME_TAKEN: {
      title: "The project has a pipeline of this name",
      message: 'The project has a pipeline "{name}" already.',
      remedy: "Take another name, or use the pipeline that is there.",
      help: "errors.md#pipeline_name_taken",
      example: "",
    },
  },
);
