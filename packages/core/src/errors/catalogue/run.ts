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
    OUTPUT_INVALID: {
      title: "A step wrote something to WAYBILL_OUTPUT that is no output",
      message: "What the step wrote to WAYBILL_OUTPUT cannot be used: line {line}, {problem}.",
      remedy: 'Write one line NAME=value for each output, for example: echo "VERSION=1.2" >>"$WAYBILL_OUTPUT".',
      exitCode: 1,
      help: "errors.md#output_invalid",
      example: 'echo "my version" >>"$WAYBILL_OUTPUT"',
    },
    OUTPUT_UNREADABLE: {
      title: "What a step wrote to WAYBILL_OUTPUT cannot be read",
      message: "The file that WAYBILL_OUTPUT names is no plain file any more, or is larger than 1 MiB.",
      remedy: "Hand on large results as artifacts, and append to the file rather than replace it.",
      exitCode: 1,
      help: "errors.md#output_unreadable",
      example: 'cat large.log >"$WAYBILL_OUTPUT"',
    },
    RUN_OVER: {
      title: "A run that has ended was asked to go on",
      message: "Run {run} is over: {status}.",
      remedy: "Start a new run with `waybill run`; `waybill runs` lists the runs and how they ended.",
      httpStatus: 409,
      help: "errors.md#run_over",
      example: "waybill run --resume 7   # which was a success",
    },
    RUN_IN_PROGRESS: {
      title: "Another process carries the run on",
      message: "Run {run} is being carried on by another process.",
      remedy: "Wait for its end, or end that process; a run can be resumed when nobody drives it any more.",
      httpStatus: 409,
      help: "errors.md#run_in_progress",
      example: "waybill run --resume latest   # while the run goes on in another terminal",
    },
    RUN_LET_GO: {
      title: "A process left a run to others",
      message: "Run {run} was let go of: this process is ending.",
      remedy: "It goes on when the server runs again.",
      exitCode: 3,
      httpStatus: 503,
      help: "errors.md#run_let_go",
      example: "",
    },
    RUN_VARIABLES_DIFFER: {
      title: "A run was resumed with other variables than it was started with",
      message: "Run {run} cannot go on with these variables: {problem}.",
      remedy: "Give what the run was started with: variables with --var or --env-file, secrets with --secrets FILE.",
      help: "errors.md#run_variables_differ",
      example: "waybill run --resume latest   # started with --var TOKEN=...",
    },
    RUN_SECRETS_MISSING: {
      title: "The pipeline uses secrets that were not given",
      message: "The pipeline uses secrets that were not given: {names}.",
      remedy: "Write NAME=value lines into a file that only you can read, and give it with --secrets FILE.",
      help: "errors.md#run_secrets_missing",
      example: "waybill run   # with TOKEN: ${{ secrets.TOKEN }} in an environment",
    },
  },
);
