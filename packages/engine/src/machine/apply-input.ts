import { abandonRun } from "./abandon.ts";
import { artifactsFailed, artifactsSaved, callOff, prepareFailed } from "./job-attempt.ts";
import { deadlineReached } from "./deadlines.ts";
import { askAgain, gateAnswered } from "./holds.ts";
import { endRun, finishRunIfSettled, resumeRun, startRun } from "./run-lifecycle.ts";
import { schedule } from "./schedule.ts";
import { prepared, retryDue, stepEnded } from "./step-progress.ts";
import type { Input } from "./inputs.ts";
import type { JobState } from "./run-state.ts";
import type { Transition } from "./transition.ts";

/** The whole state machine: one thing happened, what follows? Pure but for the state and transition it is given. */
export function applyInput(transition: Transition, input: Input): void {
  handle(transition, input);
  schedule(transition);
  finishRunIfSettled(transition);
}

function handle(transition: Transition, input: Input): void {
  switch (input.type) {
    case "start":
      return startRun(transition, input.number);
    case "resume":
      return resumeRun(transition, input.number);
    case "end":
      return endRun(transition, input.cause);
    case "abandon":
      return abandonRun(transition, input.cause);
    case "deadline":
      return deadlineReached(transition, input);
    case "gate_answered":
      return gateAnswered(transition, input);
    case "look_again":
      return askAgain(transition);
    default: {
      const job = currentJob(transition, input);
      if (job !== null) handleJob(transition, job, input);
    }
  }
}

type RunInput = "start" | "resume" | "end" | "abandon" | "deadline" | "gate_answered" | "look_again";
type JobInput = Exclude<Input, { readonly type: RunInput }>;

function handleJob(transition: Transition, job: JobState, input: JobInput): void {
  switch (input.type) {
    case "prepared":
      return prepared(transition, job);
    case "prepare_failed":
      return prepareFailed(transition, job, input);
    case "step_ended":
      return stepEnded(transition, job, input);
    case "artifacts_saved":
      return artifactsSaved(transition, job, input.artifacts);
    case "artifacts_failed":
      return artifactsFailed(transition, job, input);
    case "retry_due":
      return retryDue(transition, job);
    case "cancel_job":
      return callOff(transition, job, { reason: "user", message: input.message });
    default:
      return unreachable(input);
  }
}

/** News from an execution that is over (a late time-out, a repeated notice) is about no current job. */
function currentJob(
  transition: Transition,
  about: { readonly job: string; readonly execution: string },
): JobState | null {
  const job = transition.state.jobs.get(about.job);
  return job !== undefined && job.executionId === about.execution && job.phase !== "done" ? job : null;
}

function unreachable(value: never): never {
  throw new RangeError(`unexpected input ${JSON.stringify(value)}`);
}
