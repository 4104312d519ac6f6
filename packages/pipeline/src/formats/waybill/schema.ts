import * as z from "zod/mini";
import {
  DEFAULT_PIPELINE_TIMEOUT,
  DEFAULT_RETRY_COUNT,
  DEFAULT_STEP_TIMEOUT,
  DEFAULT_TIMEOUT,
  DEFAULT_WORKING_DIRECTORY,
} from "../../model/defaults.ts";
import {
  JOB_RETRY_RANGE,
  JOB_TIMEOUT_RANGE,
  MAX_ATTEMPTS_RANGE,
  PIPELINE_TIMEOUT_RANGE,
  STEP_RETRY_RANGE,
  STEP_TIMEOUT_RANGE,
} from "../../model/ranges.ts";
import { field, listOf, mapOf, scalarText, text, truthValue, wholeNumber } from "../field.ts";
import { isolationField, pullPolicyField, resourcesField } from "./place-schema.ts";
import { JOB_NAME_PATTERN, MAX_JOB_NAME_LENGTH, RESERVED_JOB_NAMES } from "./job-name.ts";
import { retry } from "./retry-schema.ts";
import { concurrencyField, inputsField, scheduleField, triggersField } from "./trigger-schema.ts";

/**
 * The language of `waybill.yaml`, field by field. Validation, `schema/waybill.schema.json` and the reference page all
 * come from here; what concerns several fields at once (script or action, one condition, unique step names) is checked
 * by the reader.
 */

const TIMEOUT_HELP = "pipeline-syntax.md#timeouts-and-retries";
const ARTIFACTS_HELP = "pipeline-syntax.md#artifacts";

// Functions, because what is known about a field is registered with its schema: every field has one of its own.
function environment(): z.ZodMiniType {
  return mapOf(scalarText(), "a map of names and values");
}

function paths(): readonly z.ZodMiniType[] {
  return [text("a path"), listOf(text("a path"), "a list of paths")];
}

function artifactSchema(): z.ZodMiniType {
  return field(
    z.strictObject(
      {
        paths: field(z.union(paths(), { error: "a path or a list of paths" }), {
          description: "Paths or patterns of the files, relative to the workspace.",
          type: "path, or list of paths",
          examples: [["reports/*.xml"]],
          help: ARTIFACTS_HELP,
        }),
        optional: z.optional(
          field(truthValue(), {
            description: "Whether the job succeeds although none of the files is there.",
            type: "true or false",
            default: false,
            examples: [true],
            help: ARTIFACTS_HELP,
          }),
        ),
      },
      { error: "a map with paths and optional" },
    ),
    {
      description: "An artifact of which more than its paths is said.",
      help: ARTIFACTS_HELP,
      keys: { owner: "an artifact", familiar: { path: "paths", files: "paths", required: "optional" } },
    },
  );
}

function artifacts(): z.ZodMiniType {
  const expected = "a path, a list of paths, or a map with paths and optional";
  const artifact = z.union([...paths(), artifactSchema()], { error: expected });
  return mapOf(artifact, "a map of artifact names and paths");
}

function condition(): z.ZodMiniType {
  return z.union([text("an expression"), z.boolean()], { error: "an expression" });
}

const environmentExamples = [{ NODE_ENV: "production", DEBUG: true }];
const artifactExamples = [
  { binary: "build/app", reports: ["reports/*.xml", "coverage/"], trace: { paths: "trace.log", optional: true } },
];

export const stepSchema = field(
  z.strictObject(
    {
      name: field(text(), {
        description: "What the step does, in a word or two. Stands above its output; unique within the job.",
        type: "text",
        examples: ["compile"],
        whenEmpty: "PIPELINE_STEP_NAME_EMPTY",
      }),
      script: z.optional(
        field(listOf(scalarText("a shell command"), "a list of shell commands"), {
          description:
            "Shell command lines, run in order until one fails. Required unless there is an `action`. An item may be a text block of several lines.",
          type: "list of shell commands",
          examples: [["npm ci", "npm test"]],
          whenEmpty: "PIPELINE_STEP_SCRIPT_EMPTY",
        }),
      ),
      action: z.optional(
        field(text("the name of an action"), {
          description: "A predefined action instead of a script. None are defined yet.",
          type: "text",
        }),
      ),
      image: z.optional(
        field(text("an image reference"), {
          description: "Container image the step runs in. Steps of one image share a container.",
          type: "image reference",
          examples: ["node:24", "ghcr.io/owner/tool:1.2"],
          help: "pipeline-syntax.md#images",
        }),
      ),
      environment: z.optional(
        field(environment(), {
          description: "Environment variables of this step, over those of the job and the pipeline.",
          type: "map of text",
          default: {},
          examples: environmentExamples,
          help: "pipeline-syntax.md#environment",
        }),
      ),
      working_directory: z.optional(
        field(text("a path"), {
          description: "Directory the commands run in, absolute or relative to the workspace.",
          type: "path",
          default: DEFAULT_WORKING_DIRECTORY,
          examples: ["services/api"],
        }),
      ),
      timeout: z.optional(
        field(wholeNumber(STEP_TIMEOUT_RANGE), {
          description: "Seconds one attempt of the step may take.",
          type: "whole number, 1 to 1800",
          default: DEFAULT_STEP_TIMEOUT,
          examples: [300],
          help: TIMEOUT_HELP,
        }),
      ),
      retry_count: z.optional(
        field(wholeNumber(STEP_RETRY_RANGE), {
          description: "Attempts after the first, in the same workspace. Before each there is a pause.",
          type: "whole number, 0 to 3",
          default: DEFAULT_RETRY_COUNT,
          examples: [2],
          help: TIMEOUT_HELP,
        }),
      ),
      retry: z.optional(
        retry("Which failures of the step are tried again, how often, after which pauses. Instead of `retry_count`."),
      ),
      continue_on_failure: z.optional(
        field(truthValue(), {
          description: "Whether the job goes on, and can still succeed, when this step fails.",
          type: "true or false",
          default: false,
          examples: [true],
        }),
      ),
    },
    { error: "a map of step fields" },
  ),
  {
    description: "One step of a job: a script, and how to run it.",
    help: "pipeline-syntax.md#step-definitions",
    jsonSchema: {
      oneOf: [{ required: ["script"] }, { required: ["action"] }],
      not: { required: ["retry", "retry_count"] },
    },
    keys: {
      owner: "a step",
      reserved: ["cache", "outputs", "inputs", "services", "matrix", "resources", "concurrency"],
      familiar: {
        run: "script",
        command: "script",
        commands: "script",
        uses: "action",
        env: "environment",
        variables: "environment",
        workdir: "working_directory",
        cwd: "working_directory",
        container: "image",
        retries: "retry_count",
        timeout_minutes: "timeout",
        "timeout-minutes": "timeout",
        "continue-on-error": "continue_on_failure",
        allow_failure: "continue_on_failure",
      },
    },
  },
);

export const jobSchema = field(
  z.strictObject(
    {
      name: z.optional(
        field(text(), {
          description: "The job's name once more. May be left out; must equal the job's key.",
          type: "text",
          help: "pipeline-syntax.md#job-names",
        }),
      ),
      steps: field(listOf(stepSchema, "a list of steps"), {
        description: "What the job does: at least one step, run in order.",
        type: "list of steps",
        whenEmpty: "PIPELINE_JOB_WITHOUT_STEPS",
      }),
      depends_on: z.optional(
        field(z.array(text("the name of a job"), { error: "a list of job names" }), {
          description: "Jobs that must succeed before this one starts. No variables here: the graph is fixed.",
          type: "list of job names",
          default: [],
          examples: [["build", "lint"]],
          help: "pipeline-syntax.md#depends_on",
        }),
      ),
      conditional: z.optional(
        field(condition(), {
          description: "Expression that decides whether the job runs. Also accepted as `if` or `when`.",
          type: "expression",
          examples: ["env.BRANCH == 'main'"],
          help: "pipeline-syntax.md#conditions",
        }),
      ),
      if: z.optional(
        field(condition(), {
          description: "The same as `conditional`.",
          type: "expression",
          help: "pipeline-syntax.md#conditions",
        }),
      ),
      when: z.optional(
        field(condition(), {
          description: "The same as `conditional`.",
          type: "expression",
          help: "pipeline-syntax.md#conditions",
          insteadOfMap:
            "Write an expression, for example when: \"env.BRANCH == 'main'\". Maps are reserved for a later version.",
        }),
      ),
      environment: z.optional(
        field(environment(), {
          description: "Environment variables of this job, over those of the pipeline.",
          type: "map of text",
          default: {},
          examples: environmentExamples,
          help: "pipeline-syntax.md#environment",
          insteadOfText: "Write `deploys_to: NAME` for the environment a job works on; `environment` is its variables.",
        }),
      ),
      deploys_to: z.optional(
        field(text("the name of an environment"), {
          description:
            "Environment the job works on, such as `production`. The job gets its secrets, and runs only where its rules allow it.",
          type: "name of an environment",
          examples: ["production"],
          help: "pipeline-syntax.md#deploys_to",
        }),
      ),
      artifacts: z.optional(
        field(artifacts(), {
          description: "Files to keep when the job has succeeded, by artifact name. Instead of the pipeline's.",
          type: "map of paths",
          examples: artifactExamples,
          help: ARTIFACTS_HELP,
        }),
      ),
      timeout: z.optional(
        field(wholeNumber(JOB_TIMEOUT_RANGE), {
          description: "Seconds one attempt of the job may take.",
          type: "whole number, 1 to 3600",
          default: DEFAULT_TIMEOUT,
          examples: [900],
          help: TIMEOUT_HELP,
        }),
      ),
      retry_count: z.optional(
        field(wholeNumber(JOB_RETRY_RANGE), {
          description:
            "Attempts after the first, each in a fresh workspace. Without it, the pipeline's `retry_policy` applies.",
          type: "whole number, 0 to 5",
          examples: [1],
          help: TIMEOUT_HELP,
        }),
      ),
      resources: z.optional(resourcesField),
      isolation: z.optional(isolationField),
      pull_policy: z.optional(pullPolicyField),
      retry: z.optional(
        retry("Which failures of the job are tried again, how often, after which pauses. Instead of `retry_count`."),
      ),
    },
    { error: "a map of job fields" },
  ),
  {
    description: "One job: steps that share a workspace, and what they wait for.",
    help: "pipeline-syntax.md#job-definitions",
    jsonSchema: {
      not: {
        anyOf: [
          { required: ["conditional", "if"] },
          { required: ["conditional", "when"] },
          { required: ["if", "when"] },
          { required: ["retry", "retry_count"] },
        ],
      },
    },
    keys: {
      owner: "a job",
      reserved: [...["services", "matrix", "cache", "outputs", "inputs", "include", "concurrency", "deployments"]],
      familiar: {
        deploy_to: "deploys_to",
        deployment_environment: "deploys_to",
        environment_name: "deploys_to",
        target_environment: "deploys_to",
        needs: "depends_on",
        requires: "depends_on",
        dependencies: "depends_on",
        condition: "conditional",
        script: "steps",
        env: "environment",
        variables: "environment",
        retries: "retry_count",
        "timeout-minutes": "timeout",
        timeout_minutes: "timeout",
      },
    },
  },
);

export const pipelineSchema = field(
  z.strictObject(
    {
      name: field(text(), {
        description: "Name of the pipeline, shown wherever its runs are.",
        type: "text",
        examples: ["webshop"],
        help: "pipeline-syntax.md#pipeline-fields",
        whenEmpty: "PIPELINE_NAME_EMPTY",
      }),
      jobs: field(mapOf(jobSchema, "a map of job names and jobs"), {
        description: "The jobs by name, at least one. Jobs that do not wait for each other run at the same time.",
        type: "map of jobs",
        help: "pipeline-syntax.md#jobs",
        whenEmpty: "PIPELINE_WITHOUT_JOBS",
        jsonSchema: {
          minProperties: 1,
          propertyNames: {
            pattern: JOB_NAME_PATTERN.source,
            maxLength: MAX_JOB_NAME_LENGTH,
            not: { enum: [...RESERVED_JOB_NAMES] },
          },
        },
      }),
      global_env: z.optional(
        field(environment(), {
          description: "Environment variables of every job.",
          type: "map of text",
          default: {},
          examples: environmentExamples,
          help: "pipeline-syntax.md#environment",
        }),
      ),
      timeout: z.optional(
        field(wholeNumber(PIPELINE_TIMEOUT_RANGE), {
          description: "Seconds the whole run may take, at most seven days.",
          type: "whole number, 1 to 604800",
          default: DEFAULT_PIPELINE_TIMEOUT,
          examples: [1800],
          help: TIMEOUT_HELP,
        }),
      ),
      retry_policy: z.optional(
        field(
          z.strictObject(
            {
              max_attempts: z.optional(
                field(wholeNumber(MAX_ATTEMPTS_RANGE), {
                  description: "Attempts in all; 1 is no retry.",
                  type: "whole number, 1 to 6",
                  default: 1,
                  examples: [3],
                  help: TIMEOUT_HELP,
                }),
              ),
            },
            { error: "a map with max_attempts" },
          ),
          {
            description: "How often jobs without a `retry_count` of their own are tried.",
            type: "map",
            help: TIMEOUT_HELP,
            keys: { owner: "retry_policy", familiar: { attempts: "max_attempts", retries: "max_attempts" } },
          },
        ),
      ),
      artifacts: z.optional(
        field(artifacts(), {
          description: "Files that every job without `artifacts` of its own keeps.",
          type: "map of paths",
          default: {},
          examples: artifactExamples,
          help: ARTIFACTS_HELP,
        }),
      ),
      triggers: z.optional(triggersField),
      schedule: z.optional(scheduleField),
      inputs: z.optional(inputsField),
      concurrency: z.optional(concurrencyField),
    },
    { error: "a map with name and jobs" },
  ),
  {
    description: "A Waybill pipeline.",
    help: "pipeline-syntax.md#pipeline-fields",
    jsonSchema: { patternProperties: { "^(x-|\\.)": {} } },
    keys: {
      owner: "the pipeline",
      reserved: [...["services", "matrix", "cache", "outputs", "include", "deployments", "resources", "retry"]],
      familiar: {
        env: "global_env",
        environment: "global_env",
        variables: "global_env",
        on: "triggers",
        when: "triggers",
        trigger: "triggers",
        schedules: "schedule",
        cron: "schedule",
        parameters: "inputs",
        params: "inputs",
        pipelines: "jobs",
        stages: "jobs",
        retries: "retry_policy",
      },
      freePrefixes: ["x-", "."],
    },
  },
);
