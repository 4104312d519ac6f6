import { defineErrors } from "../definition.ts";

/** Problems of `depends_on` and of the graph it makes. An arrow `a → b` reads "a depends on b". */
export const graphErrors = defineErrors(
  { severity: "error", exitCode: 2, httpStatus: 422 },
  {
    GRAPH_UNKNOWN_DEPENDENCY: {
      title: "depends_on names a job that does not exist",
      message: 'Job "{job}" depends on "{dependency}", but there is no job of that name',
      remedy: "{hint}Jobs in this pipeline: {available}.",
      help: "pipeline-syntax.md#depends_on",
      example: "jobs:\n  build: { steps: [{ name: compile, script: [make] }] }\n  test:\n    depends_on: [biuld]",
    },
    GRAPH_CYCLE: {
      title: "Jobs depend on each other in a circle",
      message: "Circular dependency detected: {chain}",
      remedy:
        'Remove dependency: {job} → {dependency} (an arrow reads "depends on"; take "{dependency}" out of depends_on of "{job}"). ' +
        'If "{job}" does need "{dependency}", split "{job}" in two jobs: one that "{dependency}" waits for, and one that waits for "{dependency}". ' +
        "Jobs involved: {jobs}.",
      help: "pipeline-syntax.md#depends_on",
      example: "jobs:\n  build:\n    depends_on: [test]\n  test:\n    depends_on: [build]",
    },
    GRAPH_DUPLICATE_JOB: {
      title: "A job is listed twice",
      message: 'Job "{job}" is listed more than once',
      remedy: "Give every job of the pipeline a name of its own.",
      help: "pipeline-syntax.md#jobs",
      example: "",
    },
    GRAPH_UNKNOWN_JOB: {
      title: "The pipeline has no job of this name",
      message: 'There is no job "{job}" in this pipeline',
      remedy: "{hint}Jobs in this pipeline: {available}.",
      httpStatus: 404,
      help: "pipeline-syntax.md#jobs",
      example: "waybill run --job biuld",
    },
    GRAPH_SELF_DEPENDENCY: {
      title: "A job depends on itself",
      severity: "warning",
      message: 'Job "{job}" depends on itself; the entry is ignored',
      remedy: 'Remove "{job}" from its own depends_on.',
      help: "pipeline-syntax.md#depends_on",
      example: "jobs:\n  build:\n    depends_on: [build]",
    },
    GRAPH_DUPLICATE_DEPENDENCY: {
      title: "depends_on names the same job twice",
      severity: "warning",
      message: 'Job "{job}" names "{dependency}" more than once in depends_on',
      remedy: 'Keep one "{dependency}"; the others change nothing.',
      help: "pipeline-syntax.md#depends_on",
      example: "jobs:\n  test:\n    depends_on: [build, build]",
    },
    GRAPH_REDUNDANT_DEPENDENCY: {
      title: "A dependency that another dependency already implies",
      severity: "warning",
      message: 'Job "{job}" need not name "{dependency}": it waits for it through "{through}" already',
      remedy: 'Remove "{dependency}" from depends_on of "{job}"; the jobs run in the same order without it.',
      help: "pipeline-syntax.md#depends_on",
      example:
        "jobs:\n  build: {}\n  test:\n    depends_on: [build]\n  deploy:\n    depends_on: [build, test] # test waits for build",
    },
    GRAPH_TIMEOUT_TOO_SHORT: {
      title: "The pipeline's timeout is shorter than its jobs' own timeouts allow",
      severity: "warning",
      message: "By their own timeouts, {jobs} may take {seconds} s, but the whole pipeline may take only {limit} s",
      remedy: "Raise the pipeline's timeout to at least {seconds}, or lower the timeouts of these jobs.",
      help: "pipeline-syntax.md#timeout",
      example: "timeout: 600\njobs:\n  build: { timeout: 500 }\n  test: { timeout: 500, depends_on: [build] }",
    },
  },
);
