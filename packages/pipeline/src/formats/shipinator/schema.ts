import * as z from "zod/mini";
import { STEP_TIMEOUT_RANGE } from "../../model/ranges.ts";
import { field, listOf, mapOf, scalarText, text, wholeNumber } from "../field.ts";

/** The language of `.shipinator.yaml`: fixed stages instead of jobs. */

const HELP = "pipeline-syntax.md#the-shipinator-format";

function stepFields(): Readonly<Record<string, z.core.$ZodType>> {
  return {
    name: field(text(), { description: "What the step does.", whenEmpty: "PIPELINE_STEP_NAME_EMPTY" }),
    run: scalarText("a shell command"),
    image: z.optional(text("an image reference")),
    env: z.optional(mapOf(scalarText(), "a map of names and values")),
    timeout: z.optional(wholeNumber(STEP_TIMEOUT_RANGE)),
  };
}

function output(types: readonly string[], isPathRequired: boolean): z.ZodMiniType {
  const path = text("a path");
  const fields = {
    name: text("the name of an output"),
    type: z.enum(types, { error: `one of ${types.join(", ")}` }),
    path: isPathRequired ? path : z.optional(path),
    ref: z.optional(text("an image reference")),
  };
  return field(z.strictObject(fields, { error: "a map with name, type and path" }), {
    description: "A file the step makes.",
    keys: { owner: "an output" },
  });
}

function step(fields: Readonly<Record<string, z.core.$ZodType>>): z.ZodMiniType {
  return field(z.strictObject({ ...stepFields(), ...fields }, { error: "a map of step fields" }), {
    description: "One step of a stage.",
    help: HELP,
    keys: { owner: "a step", familiar: { script: "run", environment: "env", working_directory: "workdir" } },
  });
}

function stage(steps: z.core.$ZodType, owner: string): z.ZodMiniType {
  const list = field(listOf(steps, "a list of steps"), {
    description: "The steps of the stage.",
    whenEmpty: "PIPELINE_JOB_WITHOUT_STEPS",
  });
  return field(z.strictObject({ steps: list }, { error: "a map with steps" }), {
    description: "A stage of the pipeline.",
    help: HELP,
    keys: { owner },
  });
}

let schema: z.ZodMiniType | null = null;

/** Built at the first use: most files are not of this format, and building it is a good part of a short command. */
export function shipinatorSchema(): z.ZodMiniType {
  schema ??= createSchema();
  return schema;
}

function createSchema(): z.ZodMiniType {
  const buildStep = step({
    workdir: z.optional(text("a path")),
    outputs: z.optional(listOf(output(["go-binary", "oci-image", "helm-chart", "file"], false), "a list of outputs")),
  });

  const testStep = step({
    parallel_group: z.optional(text("the name of a group")),
    outputs: z.optional(listOf(output(["coverage", "junit", "file"], true), "a list of outputs")),
  });

  const helm = z.strictObject(
    {
      release: text(),
      chart: text(),
      namespace: text(),
      values: z.optional(mapOf(z.unknown(), "a map")),
      values_files: z.optional(listOf(text("a path"), "a list of paths")),
    },
    { error: "a map of helm fields" },
  );

  const kubectl = z.strictObject(
    { manifests: z.union([text("a path"), listOf(text("a path"), "a list of paths")]), namespace: text() },
    { error: "a map of kubectl fields" },
  );

  const deploy = field(
    z.strictObject(
      {
        method: z.optional(z.enum(["helm", "kubectl"], { error: "helm or kubectl" })),
        artifacts: z.optional(listOf(text("the name of a build output"), "a list of build outputs")),
        helm: z.optional(field(helm, { description: "A chart to install.", keys: { owner: "helm" } })),
        kubectl: z.optional(field(kubectl, { description: "Manifests to apply.", keys: { owner: "kubectl" } })),
      },
      { error: "a map of deploy fields" },
    ),
    { description: "How to deploy.", help: HELP, keys: { owner: "the deploy stage" } },
  );

  return field(
    z.strictObject(
      {
        version: z.literal(1, { error: "1" }),
        build: z.optional(stage(buildStep, "the build stage")),
        test: z.optional(stage(testStep, "the test stage")),
        deploy: z.optional(deploy),
      },
      { error: "a map with version and stages" },
    ),
    { description: "A Shipinator pipeline.", help: HELP, keys: { owner: "the pipeline" } },
  );
}
