import { defineErrors } from "../definition.ts";

/** Errors of starting and following runs. */
export const runErrors = defineErrors(
  { severity: "error", exitCode: 2, httpStatus: 400 },
  {
    RUN_UNKNOWN_JOB: {
      title: "A job was asked for that the pipeline does not have",
      message: 'There is no job "{job}" in this pipeline.',
      remedy: "{hint} `waybill plan` lists all jobs.",
      help: "errors.md#run_unknown_job",
      example: "waybill run --job biuld",
    },
  },
);
