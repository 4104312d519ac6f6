import type { RetryRuleName } from "../failures/retry-decision.ts";
import type { FailureCause } from "../failures/failure.ts";
import { exitMeaning } from "./exit-codes.ts";

interface CauseText {
  /** To follow "it failed because", roughly. */
  readonly text: string;
  /** Null: the exit code's own says more. */
  readonly remedy: string | null;
}

const RETRY_IT = "`retry: {max: 3, when: [transient_dependencies]}`";

const CAUSES: Readonly<Record<FailureCause, CauseText>> = {
  timed_out: { text: "its time ran out", remedy: "Find out what it waits for, or raise its `timeout`." },
  out_of_memory: {
    text: "it needed more memory than it may have",
    remedy: "Let it use less memory, or give the job more: `resources: {memory: …}`.",
  },
  not_executable: { text: "its exit code says that a file cannot be executed", remedy: null },
  not_found: { text: "its exit code says that a command was not found", remedy: null },
  container_not_started: { text: "its exit code says that the command never began", remedy: null },
  unresolved_host: {
    text: "its output says that a host name could not be resolved",
    remedy: `Check the name, and that the job has a network and its DNS works; if it comes and goes: ${RETRY_IT}.`,
  },
  connection_failed: {
    text: "its output says that a connection failed",
    remedy: `Check that the service runs and can be reached from the job; if it comes and goes: ${RETRY_IT}.`,
  },
  service_unavailable: {
    text: "its output says that a service was unavailable",
    remedy: `Look at the state of the service; if it comes and goes: ${RETRY_IT}.`,
  },
  rate_limited: {
    text: "its output says that a service was asked too often",
    remedy:
      "Ask with credentials or through a cache of your own, and wait longer: `retry: {max: 3, backoff: {delay: 60}}`.",
  },
  download_failed: {
    text: "its output says that something could not be downloaded",
    remedy: `Check the address, and the network of the job; if it comes and goes: ${RETRY_IT}.`,
  },
  left_alone: {
    text: "a service it needs failed too often and was left alone",
    remedy: `Find out why the service fails; meanwhile let the job wait for it: ${RETRY_IT}.`,
  },
  network_timeout: {
    text: "its output says that the network did not answer in time",
    remedy:
      "Check the network of the machine; if it comes and goes: `retry: {max: 3, when: [transient_infrastructure]}`.",
  },
  network_unreachable: {
    text: "its output says that the network cannot be reached",
    remedy: "Check the network of the machine, and that the job may use it (`isolation: {network: default}`).",
  },
  daemon_unavailable: {
    text: "its output says that the Docker daemon cannot be reached",
    remedy: "Start it (`systemctl status docker`); inside a job there is none unless you bring one.",
  },
  io_error: {
    text: "a disk or a file system failed",
    remedy: "Look into the kernel's log (`dmesg`), and check the disk and its mounts.",
  },
  execution_lost: { text: "the place it ran in is gone", remedy: null },
  setup_failed: { text: "it could not be prepared", remedy: null },
  disk_full: {
    text: "the disk is full",
    remedy: "Make space: `waybill` keeps its files in .waybill, and Docker its images (`docker system df`).",
  },
  memory_exhausted: {
    text: "its output says that there was no memory left",
    remedy:
      "Let it use less memory, or give it more: the job's `resources: {memory: …}`, or a limit of the program's own.",
  },
  limit_reached: {
    text: "its output says that it had too many files or processes",
    remedy: "Close what is not used; for processes raise `resources: {pids: …}`, for files `ulimit -n`.",
  },
  permission_denied: {
    text: "its output says that it was not permitted",
    remedy: "Check the owner and mode of the files it names (`ls -l`).",
  },
  credentials_refused: {
    text: "its output says that its credentials were refused",
    remedy: "Check that the credentials reach the job, are those of this service, and have not run out.",
  },
  image_missing: {
    text: "its output says that an image does not exist, or may not be read",
    remedy: "Check the name and tag of the image, and the credentials for its registry.",
  },
  setting_missing: {
    text: "something it needs was not set",
    remedy: "Set the variable it names: in `environment`, or with --var.",
  },
  wrong_usage: {
    text: "its output says that it does not know an option",
    remedy: "Check the options, and that the tool has the version you expect.",
  },
  code_issue: {
    text: "its output says that the code does not compile or a test failed",
    remedy: "Look at what it printed.",
  },
  artifacts_failed: { text: "its artifacts could not be kept", remedy: null },
  outputs_invalid: { text: "what it wrote to be handed on cannot be read", remedy: null },
  unknown: { text: "nothing says that it would go better a second time", remedy: null },
};

export interface FailedEnd {
  readonly exit_code: number | null;
  readonly signal: string | null;
  /** Null: an older version did not keep it. */
  readonly cause: FailureCause | null;
}

/** What gave a failure its category, in words to follow "it counts as …: ". */
export function causeText(cause: FailureCause): string {
  return CAUSES[cause].text;
}

/** What an exit code says, where it is known what it is of. */
export function endMeaning({ exit_code, signal, cause }: FailedEnd): string {
  const wasKilled = signal === "SIGKILL" || exit_code === 137;
  if (wasKilled && cause === "out_of_memory") return "killed by the kernel, as it had used all the memory it may have";
  if (cause === "timed_out") return "ended by Waybill, as its time had run out";
  return exitMeaning(exit_code, signal).meaning;
}

/**
 * What to do about a failed step.
 *
 * @param inContainerAsNobody whether it ran in a container, as a user without privileges
 */
export function endRemedy(end: FailedEnd, inContainerAsNobody: boolean): string {
  const { exit_code, signal, cause } = end;
  const remedy = (cause === null ? null : CAUSES[cause].remedy) ?? exitMeaning(exit_code, signal).remedy;
  const isPermission = cause === "permission_denied" || cause === "not_executable";
  if (!isPermission || !inContainerAsNobody) return remedy;
  return `${remedy} Steps run in their container as a user without privileges: \`isolation: {user: root}\` lets this job be root there.`;
}

const RULES: Readonly<Record<RetryRuleName, string>> = {
  named: "its `retry` names a failure like this",
  any_failure: "a failure like this is tried again",
  no_retries: "no other attempt is asked for (`retry`, `retry_count`)",
  attempts_used: "all its attempts are used",
  budget_used: "30 minutes have passed since the first failure",
  not_named: "its `retry` names no failure like this",
  timed_out: "a time-out is tried again only where `when` names it",
  configuration: "a configuration error is tried again only where `when` names it",
  out_of_memory: "it ran out of memory before, and would again",
  run_ending: "the run was being ended",
};

export function retryRuleText(rule: RetryRuleName): string {
  return RULES[rule];
}
