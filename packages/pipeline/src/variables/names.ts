/**
 * A variable's name: letters, digits and underscores, not starting with a digit; parts are joined by dots, and parts
 * after the first may also hold hyphens, as names of jobs and artifacts do.
 */
export const VARIABLE_NAME = /[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_][A-Za-z0-9_-]*)*/y;

/** Provided by every run, and known only then. A variable of the same name in the pipeline file wins. */
export const RUNTIME_VARIABLES = [
  "WORKSPACE",
  "WAYBILL_RUN_ID",
  "WAYBILL_RUN_NUMBER",
  "WAYBILL_PIPELINE",
  "WAYBILL_JOB",
  "WAYBILL_ATTEMPT",
] as const;

const RUNTIME_NAMES: ReadonlySet<string> = new Set(RUNTIME_VARIABLES);

export function isRuntimeVariable(name: string): boolean {
  return RUNTIME_NAMES.has(name);
}

/**
 * What a pipeline may read of the host's environment. A fixed list, because the rest of it may hold credentials of
 * whoever started the server or the command.
 */
export const SYSTEM_VARIABLE_NAMES = [
  "CI",
  "BUILD_NUMBER",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "PATH",
  "LANG",
  "LC_ALL",
  "TZ",
] as const;

/**
 * The variables of `SYSTEM_VARIABLE_NAMES` that the host sets, nothing else; `CI` is `true` in every run, whatever the
 * host says, because every job sees it so.
 */
export function systemVariables(hostEnvironment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name of SYSTEM_VARIABLE_NAMES) {
    const value = Object.hasOwn(hostEnvironment, name) ? hostEnvironment[name] : undefined;
    if (value !== undefined) picked[name] = value;
  }
  picked["CI"] = "true";
  return picked;
}

const SECRET_PREFIX = "secrets.";
const MATRIX_PREFIX = "matrix.";

export function isSecretName(name: string): boolean {
  return name.startsWith(SECRET_PREFIX);
}

export function isMatrixName(name: string): boolean {
  return name.startsWith(MATRIX_PREFIX);
}

/** The name behind `secrets.` or `matrix.`. */
export function withoutNamespace(name: string): string {
  return name.slice(name.indexOf(".") + 1);
}

/** What a `job.…` reference asks for. */
export type JobReference = { readonly job: string } & (
  { readonly field: "status" | "count" } | { readonly field: "outputs" | "artifacts"; readonly key: string }
);

/** True for `job.` and `JOB.`; whether the rest makes sense is `parseJobName`'s business. */
export function isJobName(name: string): boolean {
  return name.startsWith("job.") || name.startsWith("JOB.");
}

/** Takes `job.<job>.<field>` apart; null for anything a job does not have. Job names hold no dots. */
export function parseJobName(name: string): JobReference | null {
  const [, job = "", field = "", ...rest] = name.split(".");
  const key = rest.join(".");
  if (job === "") return null;
  if (field === "status") return key === "" ? { job, field } : null;
  if (field === "artifacts" && key === "count") return { job, field: "count" };
  if ((field === "outputs" || field === "artifacts") && key !== "") return { job, field, key };
  return null;
}
