/** A letter first, so that names can be told from numbers and options everywhere. */
export const JOB_NAME_PATTERN = /^[a-zA-Z][a-zA-Z0-9_-]*$/;

export const MAX_JOB_NAME_LENGTH = 50;

/** Words that expressions and the file itself use. */
export const RESERVED_JOB_NAMES: ReadonlySet<string> = new Set([
  ...["env", "secrets", "matrix", "job", "jobs", "pipeline", "global_env", "steps", "true", "false", "null"],
]);

/** What is wrong with a job's name, to follow it in a sentence; null: nothing. Reserved words are not looked at. */
export function jobNameProblem(name: string): string | null {
  if (name === "") return "is empty";
  if (name.length > MAX_JOB_NAME_LENGTH) return `has ${name.length} characters`;
  if (JOB_NAME_PATTERN.test(name)) return null;
  if (!/^[a-zA-Z]/.test(name)) return "does not start with a letter";
  return "has characters other than letters, digits, - and _";
}

/** Whether a job may be called so. */
export function validateJobName(name: string): boolean {
  return jobNameProblem(name) === null && !RESERVED_JOB_NAMES.has(name);
}
