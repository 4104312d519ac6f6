/** Stands in addresses, audit entries and shell commands: nothing in it needs escaping anywhere. */
export const ENVIRONMENT_NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

export const MAX_ENVIRONMENT_NAME_LENGTH = 64;

/** What is wrong with the name of an environment, to follow it in a sentence; null: nothing. */
export function environmentNameProblem(name: string): string | null {
  if (name === "") return "is empty";
  if (name.length > MAX_ENVIRONMENT_NAME_LENGTH) return `has ${name.length} characters`;
  if (ENVIRONMENT_NAME_PATTERN.test(name)) return null;
  if (!/^[A-Za-z0-9]/.test(name)) return "does not start with a letter or digit";
  return "has characters other than letters, digits, . - and _";
}
