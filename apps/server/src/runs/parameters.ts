import type { RunInput, RunOrigin } from "@waybill/engine";

const BRANCH = "refs/heads/";
const TAG = "refs/tags/";

/**
 * The parameters of a run of a server: what of its commit pipelines may refer to, and over it the inputs it was given.
 * The same whenever it is asked for, as a run that is resumed needs the values it began with.
 */
export function parametersOf(origin: Pick<RunOrigin, "gitRef" | "gitSha" | "inputs">): Record<string, string> {
  const { gitRef, gitSha, inputs } = origin;
  return {
    GIT_SHA: gitSha,
    GIT_REF: gitRef,
    ...(gitRef.startsWith(BRANCH) ? { BRANCH_NAME: gitRef.slice(BRANCH.length) } : {}),
    ...(gitRef.startsWith(TAG) ? { TAG_NAME: gitRef.slice(TAG.length) } : {}),
    ...Object.fromEntries(Object.entries(inputs).map(([name, value]: [string, RunInput]) => [name, String(value)])),
  };
}

/** Of the parameters, those the run began with: a later version may know more of them. */
export function onlyKnown(
  parameters: Readonly<Record<string, string>>,
  names: readonly string[],
): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (name in parameters ? [[name, parameters[name] ?? ""]] : [])));
}
