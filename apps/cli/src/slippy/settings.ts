import { configInvalid, SlipConfig, type Environment } from "@waybill/slip";

/** What `slippy` is asked to do, and of which step. */
export interface SlippySettings {
  readonly mode: "pre" | "post";
  readonly config: SlipConfig;
  readonly workflowName: string;
  readonly workflowTemplate: string;
  readonly correlationId: string;
  readonly repository: string;
  readonly branch: string;
  readonly ref: string;
  readonly imageTag: string;
  readonly stepName: string;
  readonly componentName: string;
  /** Null: those of the route. */
  readonly prerequisites: readonly string[] | null;
  /** Null: those of the route, else the defaults. */
  readonly holdTimeoutMs: number | null;
  readonly pollIntervalMs: number | null;
  readonly onMissingSlip: "fail" | "proceed";
  readonly workflowStatus: string;
  readonly failureMessage: string;
  /** Of a checkout or mirror in which refs are looked up; empty: there is none. */
  readonly gitDirectory: string;
  /** Where the correlation id of the slip is written; empty: nowhere. */
  readonly correlationIdFile: string;
}

/** What the program is told in its environment: name, default, meaning. `slippy --help` and the README show it. */
export const VARIABLES: readonly (readonly [name: string, fallback: string, meaning: string])[] = [
  ["SLIPPY_MODE", "", "`pre` or `post`, where the command is not an argument"],
  [
    "SLIPPY_CLICKHOUSE_DSN",
    "",
    "the slip store: postgres://… or sqlite:///path (SLIPPY_DSN is the same, and goes before)",
  ],
  ["SLIPPY_STEP_NAME", "", "the step, for example dev_deploy; required"],
  ["SLIPPY_COMPONENT_NAME", "", "the component of steps that components have"],
  ["SLIPPY_CORRELATION_ID", "", "the slip; without it the next four find it"],
  ["SLIPPY_REPOSITORY", "", "owner/repo"],
  ["SLIPPY_BRANCH", "", "stands for the ref HEAD"],
  ["SLIPPY_REF", "", "a commit or branch: the nearest ancestor with a slip is meant"],
  ["SLIPPY_IMAGE_TAG", "", "an image whose tag has a commit"],
  ["SLIPPY_GIT_DIRECTORY", "", "a checkout or mirror in which refs other than whole commits are looked up"],
  ["SLIPPY_PREREQUISITES", "of the route", "steps to wait for, behind commas; a single comma is none"],
  ["SLIPPY_HOLD_TIMEOUT", "of the route, or 60m", "how long to wait for them"],
  [
    "SLIPPY_POLL_INTERVAL",
    "60s",
    "the longest time between two looks; never more than 5s where nobody tells of changes",
  ],
  ["SLIPPY_PIPELINE_CONFIG", "13 steps", "the route: JSON, or a file with it"],
  ["SLIPPY_ENABLED", "true", "false: every step goes on, nothing is read or written"],
  ["SLIPPY_ENABLED_REPOSITORIES", "all", "names behind commas or on lines; * is all, !owner/repo is not this one"],
  ["SLIPPY_SHADOW_MODE", "false", "true: nothing is held and no error blocks; what would be is logged"],
  ["SLIPPY_ON_MISSING_SLIP", "fail", "proceed: a step without a slip goes on"],
  ["SLIPPY_ANCESTRY_DEPTH", "25", "commits looked at first"],
  ["SLIPPY_ANCESTRY_MAX_DEPTH", "100", "and where no slip is among them"],
  ["SLIPPY_FORKS", "{}", 'JSON: {"fork/name": "upstream/name"}'],
  ["SLIPPY_REPOSITORY_ALIASES", "[]", 'JSON: [{"from": "old/name", "to": "new/name"}]'],
  ["SLIPPY_CORRELATION_ID_FILE", "", "a file that the slip's correlation id is written to"],
  ["SLIPPY_WORKFLOW_NAME", "", "for the log"],
  ["SLIPPY_WORKFLOW_TEMPLATE", "", "for the log"],
  ["SLIPPY_LOG_FORMAT", "json", "text: lines for people, as on a terminal"],
  ["SLIPPY_DEBUG", "false", "true: more lines, and causes of errors"],
  ["ARGO_WORKFLOW_STATUS", "", "post: Succeeded, Failed or Error"],
  ["ARGO_WORKFLOW_FAILURE_MESSAGE", "", "post: why it failed"],
];

/**
 * @param argument of the command line; absent: the environment says
 * @throws WaybillError `SLIP_CONFIG_INVALID`, `SLIP_ROUTE_INVALID`: the first thing that is wrong
 */
export function readSettings(env: Environment, argument: string | undefined): SlippySettings {
  const config = SlipConfig.fromEnv(env);
  const text = (name: string): string => (env[name] ?? "").trim();
  for (const name of ["SLIPPY_HOLD_TIMEOUT", "SLIPPY_POLL_INTERVAL"]) {
    const problem = config.problemOf(name);
    if (problem !== null) throw problem;
  }
  const mode = readMode(argument ?? text("SLIPPY_MODE"));
  const correlationId = text("SLIPPY_CORRELATION_ID");
  const repository = text("SLIPPY_REPOSITORY");
  const ref = text("SLIPPY_REF");
  const imageTag = text("SLIPPY_IMAGE_TAG");
  const stepName = text("SLIPPY_STEP_NAME");
  if (correlationId === "" && (repository === "" || (ref === "" && imageTag === ""))) {
    throw configInvalid("SLIPPY_CORRELATION_ID is required, or SLIPPY_REPOSITORY with SLIPPY_REF or SLIPPY_IMAGE_TAG");
  }
  if (stepName === "") throw configInvalid("SLIPPY_STEP_NAME is required");
  if (config.settings.dsn === "") throw configInvalid("SLIPPY_CLICKHOUSE_DSN is required");
  config.validateMinimal();
  const { holdTimeoutMs, pollIntervalMs } = config.settings;
  return {
    mode,
    config,
    correlationId,
    repository,
    ref,
    imageTag,
    stepName,
    workflowName: text("SLIPPY_WORKFLOW_NAME"),
    workflowTemplate: text("SLIPPY_WORKFLOW_TEMPLATE"),
    branch: text("SLIPPY_BRANCH"),
    componentName: text("SLIPPY_COMPONENT_NAME"),
    prerequisites: readPrerequisites(text("SLIPPY_PREREQUISITES")),
    holdTimeoutMs: text("SLIPPY_HOLD_TIMEOUT") === "" ? null : holdTimeoutMs,
    pollIntervalMs: text("SLIPPY_POLL_INTERVAL") === "" ? null : pollIntervalMs,
    onMissingSlip: readMissing(text("SLIPPY_ON_MISSING_SLIP")),
    workflowStatus: text("ARGO_WORKFLOW_STATUS"),
    failureMessage: text("ARGO_WORKFLOW_FAILURE_MESSAGE"),
    gitDirectory: text("SLIPPY_GIT_DIRECTORY"),
    correlationIdFile: text("SLIPPY_CORRELATION_ID_FILE"),
  };
}

function readMode(mode: string): "pre" | "post" {
  if (mode === "pre" || mode === "post") return mode;
  if (mode === "") throw configInvalid("SLIPPY_MODE is required (must be 'pre' or 'post')");
  throw configInvalid(`SLIPPY_MODE must be 'pre' or 'post', got '${mode.slice(0, 100)}'`);
}

/** Nothing is what the route says; commas alone are no prerequisites, on purpose. */
function readPrerequisites(text: string): readonly string[] | null {
  return text === "" ? null : text.split(",").map((name) => name.trim());
}

function readMissing(text: string): "fail" | "proceed" {
  if (text === "" || text === "fail") return "fail";
  if (text === "proceed") return "proceed";
  throw configInvalid(`SLIPPY_ON_MISSING_SLIP must be 'fail' or 'proceed', got '${text.slice(0, 100)}'`);
}
