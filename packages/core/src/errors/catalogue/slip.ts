import { defineErrors } from "../definition.ts";

/** What a caller gave is wrong, or asks for what there is not. */
const inputErrors = defineErrors(
  { severity: "error", exitCode: 2, httpStatus: 422 },
  {
    SLIP_PUSH_INVALID: {
      title: "A push cannot get a slip",
      message: "invalid push options: {problem}",
      remedy: "Give the correlation id, the repository as owner/repo, and the full name of the commit.",
      help: "errors.md#slip_push_invalid",
      example: "",
    },
    SLIP_REPOSITORY_INVALID: {
      title: "The name of a repository is not owner/repo",
      message: "invalid repository format: {repository} (expected owner/repo)",
      remedy: "Write the owner, a slash and the name: octo-org/webshop.",
      help: "errors.md#slip_repository_invalid",
      example: "SLIPPY_REPOSITORY=webshop",
    },
    SLIP_ROUTE_INVALID: {
      title: "The configuration of a slip's route is not valid",
      message: "The pipeline configuration of slips cannot be used: {problem}",
      remedy:
        "Correct the JSON text or file that SLIPPY_PIPELINE_CONFIG names; the README of packages/slip has its shape.",
      help: "errors.md#slip_route_invalid",
      example: 'SLIPPY_PIPELINE_CONFIG=\'{"steps": [{"name": "Build It"}]}\'',
    },
    SLIP_CONFIG_INVALID: {
      title: "A setting of slips is missing or not valid",
      message: "invalid configuration: {problem}",
      remedy: "Correct the environment variable and start again.",
      help: "errors.md#slip_config_invalid",
      example: "SLIPPY_HOLD_TIMEOUT=60",
    },
    SLIP_STEP_UNKNOWN: {
      title: "The route has no such step",
      message: 'unknown step "{step}"',
      remedy: "Name a step of the route: {known}.",
      httpStatus: 404,
      help: "errors.md#slip_step_unknown",
      example: "SLIPPY_STEP_NAME=deploy_dev",
    },
    SLIP_COMPONENT_UNKNOWN: {
      title: "The slip has no such component",
      message: 'step "{step}" is one of components, and the slip has no component "{component}"',
      remedy: "Name a component of the push: {known}.",
      httpStatus: 404,
      help: "errors.md#slip_component_unknown",
      example: "SLIPPY_STEP_NAME=build SLIPPY_COMPONENT_NAME=",
    },
    SLIP_STATUS_UNKNOWN: {
      title: "There is no such status",
      message: 'unknown status "{status}"',
      remedy: "Write one of {known}.",
      help: "errors.md#slip_status_unknown",
      example: "",
    },
    SLIP_CORRELATION_TAKEN: {
      title: "Another commit has this correlation id",
      message: 'The correlation id "{correlationId}" belongs to the slip of another commit.',
      remedy: "Give every push a correlation id of its own.",
      httpStatus: 409,
      help: "errors.md#slip_correlation_taken",
      example: "",
    },
    SLIP_TRANSITION_REFUSED: {
      title: "A slip cannot change in this way any more",
      message: 'The slip "{correlationId}" is {status}, and cannot be {wanted} any more.',
      remedy: "Look at the slip's history for what ended it.",
      httpStatus: 409,
      help: "errors.md#slip_transition_refused",
      example: "",
    },
    SLIP_NOT_FOUND: {
      title: "There is no such slip",
      message: "slip not found: {what}",
      remedy: "Check the correlation id, or the repository and commit; a commit whose push made no slip has none.",
      exitCode: 1,
      httpStatus: 404,
      help: "errors.md#slip_not_found",
      example: "",
    },
    SLIP_UNRESOLVED: {
      title: "No slip belongs to what was given",
      message: "no slip found for repository {repository}",
      remedy: "Give a correlation id, a ref whose history has a pushed commit, or an image tag that names one.",
      exitCode: 1,
      httpStatus: 404,
      help: "errors.md#slip_unresolved",
      example: "",
    },
    SLIP_DAMAGED: {
      title: "Stored text of a slip cannot be read",
      message: "A slip cannot be read: {problem}",
      remedy: "Restore what wrote it, or correct the text where it is stored.",
      exitCode: 3,
      httpStatus: 500,
      help: "errors.md#slip_damaged",
      example: "",
    },
  },
);

/** What keeps a step from going on. Not the caller's mistake: exit code 1. */
const holdErrors = defineErrors(
  { severity: "error", exitCode: 1, httpStatus: 409 },
  {
    SLIP_PREREQUISITES_FAILED: {
      title: "A step's prerequisites have failed",
      message: "prerequisites failed: [{failed}]",
      remedy: "Repair what failed and push again, or run the failed steps again.",
      help: "errors.md#slip_prerequisites_failed",
      example: "",
    },
    SLIP_HOLD_TIMED_OUT: {
      title: "A step's prerequisites took too long",
      message: "hold timeout exceeded after {timeout}, still waiting for: [{waiting}]",
      remedy: "See what holds those steps, or raise SLIPPY_HOLD_TIMEOUT.",
      httpStatus: 504,
      help: "errors.md#slip_hold_timed_out",
      example: "",
    },
    SLIP_SUPERSEDED: {
      title: "The slip has been given up",
      message: 'The slip "{correlationId}" is {status}: its steps do not run any more.',
      remedy: "Nothing, where a newer push took its place; otherwise push again.",
      help: "errors.md#slip_superseded",
      example: "",
    },
    SLIP_CANCELLED: {
      title: "Waiting for prerequisites was cancelled",
      message: "{what}",
      remedy: "Start the step again if it should still run.",
      exitCode: 130,
      help: "errors.md#slip_cancelled",
      example: "",
    },
  },
);

/** What slips need of others: a store, a history of commits. The cause says more. */
const outsideErrors = defineErrors(
  { severity: "error", exitCode: 3, httpStatus: 503 },
  {
    SLIP_OPERATION_FAILED: {
      title: "An operation on a slip failed",
      message: "failed to {what}: {detail}",
      remedy: "Check the slip store; the operation can be done again.",
      help: "errors.md#slip_operation_failed",
      example: "",
    },
    SLIP_STORE_UNSUPPORTED: {
      title: "The address of a slip store is of no kind there is",
      message: "The slip store cannot be opened: {problem}.",
      remedy: "Write sqlite:///path/to/file.db, or postgres://user:password@host:port/database.",
      exitCode: 2,
      httpStatus: 500,
      help: "errors.md#slip_store_unsupported",
      example: "SLIPPY_CLICKHOUSE_DSN=redis://cache",
    },
    SLIP_HISTORY_UNAVAILABLE: {
      title: "The history of a repository cannot be read",
      message: "The history of {repository} cannot be read: {detail}",
      remedy: "Check the access to the repository; slips are made without lineage meanwhile.",
      httpStatus: 502,
      help: "errors.md#slip_history_unavailable",
      example: "",
    },
  },
);

export const slipErrors = { ...inputErrors, ...holdErrors, ...outsideErrors };
