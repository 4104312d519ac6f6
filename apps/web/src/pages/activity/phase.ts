import type { Job } from "../../api/generated/operations.ts";

/** What a run is doing, in a few words: `migrate: roll out`, `lint, unit-tests and 2 more`, `held: production`. */
export function phaseOf(jobs: readonly Job[]): string {
  const running = jobs.filter(({ status }) => status === "running");
  const [first, second] = running;
  if (first !== undefined && second === undefined) {
    const step = first.steps.find(({ status }) => status === "running");
    return step === undefined || step.name === first.name ? first.name : `${first.name}: ${step.name}`;
  }
  if (first !== undefined && second !== undefined) {
    const more = running.length - 2;
    return more === 0 ? `${first.name}, ${second.name}` : `${first.name}, ${second.name} and ${more} more`;
  }
  const held = jobs.find(({ held_by }) => held_by !== null);
  if (held !== undefined) return `${held.name} is held`;
  const retried = jobs.find(({ status }) => status === "retry");
  if (retried !== undefined) return `${retried.name} will be tried again`;
  return jobs.some(({ status }) => status === "pending") ? "the next job is about to begin" : "ending";
}
