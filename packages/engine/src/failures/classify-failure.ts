import type { FailureReason } from "../statuses.ts";
import type { Failure, FailureCause } from "./failure.ts";
import { OUTPUT_RULES, type OutputRule } from "./output-rules.ts";
import { hostOfAddress, serviceName } from "./service-name.ts";

/** How much of a step's output is looked at: what it failed of stands at its end. */
export const MAX_EVIDENCE_LINES = 100;
export const MAX_EVIDENCE_CHARACTERS = 300;

/** All that is known of how a step ended. */
export interface Evidence {
  /** Null: ended by `signal`, or never started. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** A time-out of ours ended it, whatever it made of that. */
  readonly timedOut: boolean;
  /** The kernel ended it at its memory limit. */
  readonly outOfMemory: boolean;
  /** What it printed last, the latest line at the end. */
  readonly lines: readonly string[];
}

/**
 * What a step failed of. The first of these that says something decides:
 *
 * 1. what we know for certain: a time-out of ours, the kernel's word that memory ran out
 * 2. exit codes with one meaning: 126 and 127
 * 3. the output, from its last line back
 * 4. exit code 125: by custom, what was to run the command failed
 *
 * All else is the code's own failure. Exit code 137 alone proves no lack of memory: anything can send SIGKILL.
 */
export function classifyFailure(evidence: Evidence): Failure {
  const { exitCode, timedOut, outOfMemory, lines } = evidence;
  if (timedOut) return { category: "permanent_code_issues", service: null, cause: "timed_out" };
  if (outOfMemory) return { category: "resource_exhaustion", service: null, cause: "out_of_memory" };
  if (exitCode === 126) return { category: "configuration_errors", service: null, cause: "not_executable" };
  if (exitCode === 127) return { category: "configuration_errors", service: null, cause: "not_found" };
  const said = classifyOutput(lines);
  if (said !== null) return said;
  if (exitCode === 125) return { category: "transient_infrastructure", service: null, cause: "container_not_started" };
  return { category: "permanent_code_issues", service: null, cause: "unknown" };
}

/** What reasons of the engine's own are taken for where their message says no more. */
const REASONS: Readonly<Record<Exclude<FailureReason, "step_failed">, readonly [Failure["category"], FailureCause]>> = {
  step_timeout: ["permanent_code_issues", "timed_out"],
  job_timeout: ["permanent_code_issues", "timed_out"],
  pipeline_timeout: ["permanent_code_issues", "timed_out"],
  setup_failed: ["transient_infrastructure", "setup_failed"],
  artifacts_failed: ["permanent_code_issues", "artifacts_failed"],
  outputs_invalid: ["permanent_code_issues", "outputs_invalid"],
  log_failed: ["transient_infrastructure", "io_error"],
  condition_error: ["configuration_errors", "setting_missing"],
  execution_lost: ["transient_infrastructure", "execution_lost"],
};

/** What codes of errors say that their messages say otherwise, or not at all; the first that fits. */
const CODES: readonly (readonly [RegExp, Failure["category"], FailureCause])[] = [
  [/^STORE_FULL$/, "resource_exhaustion", "disk_full"],
  [/^CIRCUIT_OPEN$/, "transient_dependencies", "left_alone"],
  [/^DOCKER_UNAVAILABLE$/, "transient_infrastructure", "daemon_unavailable"],
  [/^DOCKER_NETWORKS_EXHAUSTED$/, "resource_exhaustion", "limit_reached"],
  [/^IMAGE_PULL_FAILED$/, "transient_dependencies", "download_failed"],
  [/^(?:IMAGE_PULL_DENIED|REGISTRY_CREDENTIALS_FAILED)$/, "configuration_errors", "credentials_refused"],
  [/^(?:IMAGE_|EXECUTOR_IMAGE_)/, "configuration_errors", "image_missing"],
  [/^STORE_READ_ONLY$/, "configuration_errors", "permission_denied"],
  // What is written in the file, or installed on the machine, has to change.
  [/^DOCKER_(?:HOST_UNUSABLE|UNSUPPORTED|LIMIT_EXCEEDED)$/, "configuration_errors", "setting_missing"],
  [
    /^EXECUTOR_(?:WORKING_DIRECTORY|INVALID|ENVIRONMENT|SHELL_MISSING|LIMIT)/,
    "configuration_errors",
    "setting_missing",
  ],
  [/^(?:VARIABLE|EXPRESSION)_|^ARTIFACT_UNSAFE$/, "configuration_errors", "setting_missing"],
];

/**
 * What a failure of the engine's own, with which no step ended by itself, is of.
 *
 * @param message - in words
 * @param code - of the error behind it; null: it has none
 */
export function classifyEngineFailure(
  reason: Exclude<FailureReason, "step_failed">,
  message: string,
  code: string | null = null,
): Failure {
  const [category, cause] = REASONS[reason];
  const known: Failure = { category, service: null, cause };
  if (cause === "timed_out" || reason === "condition_error") return known;
  const coded = CODES.find(([pattern]) => code !== null && pattern.test(code));
  if (coded !== undefined) {
    const [, codedCategory, codedCause] = coded;
    const service = codedCategory === "transient_dependencies" ? serviceOfMessage(message) : null;
    return { category: codedCategory, service, cause: codedCause };
  }
  const said = classifyOutput(message.split("\n"));
  // That a test failed is no matter of ours: such words stand in names, and in the remedy.
  return said === null || said.cause === "code_issue" ? known : said;
}

function serviceOfMessage(message: string): string | null {
  const line = message.slice(0, MAX_EVIDENCE_CHARACTERS);
  const named = /^Circuit breaker (?:\w+:)?([a-z0-9.-]+) is OPEN/.exec(line)?.[1];
  return serviceName(named ?? hostOfAddress(line)) ?? classifyLine(line)?.service ?? null;
}

function classifyOutput(output: readonly string[]): Failure | null {
  const lines = output.slice(-MAX_EVIDENCE_LINES).map(plainText);
  let found: Failure | null = null;
  for (const line of lines.toReversed()) {
    const said = classifyLine(line);
    if (said === null) continue;
    if (found === null) {
      found = said;
      if (said.category !== "transient_dependencies" || said.service !== null) return said;
    } else if (said.category === found.category && said.service !== null) {
      // Programs say what failed once more at the end, without saying where.
      return { ...found, service: said.service };
    }
  }
  return found;
}

function classifyLine(line: string): Failure | null {
  const address = hostOfAddress(line);
  // Numbers in an address are none of a status.
  const text = address === null ? line : line.replaceAll(/https?:\/\/\S*/gi, "<address>");
  for (const rule of OUTPUT_RULES) {
    if (rule.needsAddress === true && address === null) continue;
    const match = rule.pattern.exec(text);
    if (match === null) continue;
    return { category: rule.category, service: serviceOf(rule, match, address), cause: rule.cause };
  }
  return null;
}

function serviceOf({ category }: OutputRule, match: RegExpExecArray, address: string | null): string | null {
  if (category !== "transient_dependencies") return null;
  // An address is what was asked for; what was connected to may be a number or a proxy.
  return serviceName(address) ?? serviceName(match.groups?.["host"]);
}

/** Without colours, and cut: a line may have 64 KiB. */
function plainText(line: string): string {
  // eslint-disable-next-line no-control-regex -- escape sequences begin with one
  return line.slice(0, MAX_EVIDENCE_CHARACTERS).replaceAll(/\u001b\[[0-9;?]*[@-~]/g, "");
}
