import { WaybillError } from "@waybill/core";
import * as z from "zod/mini";
import { listNames } from "../graph/wording.ts";
import type { Environment, Text } from "./definition.ts";
import { retryFields } from "./retry-json.ts";
import { startFields } from "./start-json.ts";

const textSchema = z.union([z.string(), z.strictObject({ deferred: z.string() })], { error: "expected a text" });
const secondsSchema = z.number().check(z.positive());

/*
 * Maps keep the object that JSON.parse made instead of being copied by z.record: that leaves out a key named
 * `__proto__`, which is a legal name of an environment variable.
 */
const environmentSchema = z.custom<Environment>((value) => isMapOf(value, isText), "expected a map of texts");
const artifactsSchema = z.custom<ArtifactsJson>(
  (value) => isMapOf(value, (artifact) => isListOfTexts(artifact) || isArtifact(artifact)),
  "expected a map of lists of texts",
);

const stepSchema = z.strictObject({
  name: z.string(),
  script: z.array(textSchema),
  action: z.nullable(z.string()),
  image: z.nullable(textSchema),
  environment: environmentSchema,
  timeout: secondsSchema,
  ...retryFields,
  working_directory: textSchema,
  continue_on_failure: z.boolean(),
});

const placeSchema = z.strictObject({
  resources: z.strictObject({
    memory: z.nullable(z.number().check(z.positive())),
    cpus: z.nullable(z.number().check(z.positive())),
    pids: z.nullable(z.int().check(z.positive())),
  }),
  isolation: z.strictObject({
    user: z.enum(["default", "root"]),
    root_filesystem: z.enum(["writable", "read_only"]),
    network: z.enum(["default", "none"]),
  }),
  pull_policy: z.enum(["missing", "always", "never"]),
});

const jobSchema = z.strictObject({
  name: z.string(),
  depends_on: z.array(z.string()),
  condition: z.nullable(z.string()),
  environment: environmentSchema,
  artifacts: artifactsSchema,
  timeout: secondsSchema,
  place: z.optional(placeSchema),
  deploys_to: z.optional(z.string()),
  ...retryFields,
  steps: z.array(stepSchema).check(z.minLength(1, "expected at least one step")),
});

const definitionSchema = z.strictObject({
  name: z.string(),
  created_at: z.iso.datetime("expected a UTC time in ISO 8601"),
  timeout: secondsSchema,
  retry_policy: z.strictObject({ max_attempts: z.int().check(z.positive()) }),
  global_env: environmentSchema,
  artifacts: artifactsSchema,
  ...startFields,
  jobs: z.array(jobSchema).check(z.minLength(1, "expected at least one job")),
});

export type ArtifactsJson = Readonly<
  Record<string, readonly Text[] | { readonly paths: readonly Text[]; readonly optional: boolean }>
>;
export type StepJson = z.infer<typeof stepSchema>;
export type JobJson = z.infer<typeof jobSchema>;
export type DefinitionJson = z.infer<typeof definitionSchema>;

/**
 * The shape of a stored definition. Unknown fields are refused: dropping what a newer version wrote would change the
 * pipeline without a word.
 *
 * @throws WaybillError DEFINITION_UNREADABLE, naming the first field that is wrong
 */
export function parseDefinitionJson(value: unknown): DefinitionJson {
  const result = definitionSchema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const detail = issue === undefined ? "it is malformed" : describeIssue(issue);
  throw new WaybillError("DEFINITION_UNREADABLE", { detail });
}

/** `jobs[2].timeout: expected number`. */
function describeIssue(issue: z.core.$ZodIssue): string {
  const path = issue.path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
  return `${path.replace(/^\./, "") || "the whole"}: ${describeProblem(issue)}`;
}

function describeProblem(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_type") return `expected ${issue.expected}`;
  if (issue.code === "unrecognized_keys") return `unknown fields ${listNames(issue.keys)}`;
  if (issue.code === "too_small" && issue.origin !== "array") {
    return `expected ${issue.inclusive ? "at least" : "more than"} ${issue.minimum}`;
  }
  return issue.message;
}

function isText(value: unknown): boolean {
  return typeof value === "string" || textSchema.safeParse(value).success;
}

function isListOfTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText);
}

function isArtifact(value: unknown): boolean {
  if (!isObject(value) || Object.keys(value).length !== 2) return false;
  return isListOfTexts(value["paths"]) && typeof value["optional"] === "boolean";
}

function isMapOf(value: unknown, isValue: (value: unknown) => boolean): boolean {
  return isObject(value) && Object.values(value).every(isValue);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
