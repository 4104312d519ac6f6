import type { RunOrigin } from "@waybill/engine";
import { INPUT_PREFIX, isDeferred, type Environment, type PipelineDefinition } from "@waybill/pipeline";
import * as z from "zod/mini";
import { defineRoute, type Route } from "../http/route.ts";
import { parametersOf } from "../runs/parameters.ts";
import { found, runOf } from "./records.ts";
import { idParams, named } from "./schemas.ts";

const variable = named(
  "RunVariable",
  z.object({
    name: z.string(),
    /** Null: it is not stored. */
    value: z.nullable(z.string()),
    /** The value is a template that each job completes when it begins. */
    is_template: z.boolean(),
    /** `input`: of the pipeline's inputs; `given`: to this run; `git`: of its commit; `file`: of the pipeline file. */
    source: z.enum(["input", "given", "git", "file"]),
  }),
);

const runEnvironment = named(
  "RunEnvironment",
  z.object({
    variables: z.array(variable),
    /** Names alone: values are never told. */
    secrets: z.array(z.string()),
    jobs: z.array(
      z.object({
        id: z.uuid(),
        name: z.string(),
        /** What the file sets for this job alone. */
        variables: z.array(variable),
        /** As they were handed on. */
        outputs: z.record(z.string(), z.string()),
      }),
    ),
  }),
);
type Variable = z.infer<typeof variable>;

/** What stands before a secret's name among the names of parameters. */
const SECRET = "secrets.";

export const runEnvironmentRoutes: readonly Route[] = [
  defineRoute({
    id: "getRunEnvironment",
    method: "GET",
    path: "/v1/pipeline-runs/{id}/environment",
    summary: "The variables that a run was given and what its jobs handed on; of secrets the names",
    tag: "runs",
    access: { permission: "runs:read", on: "run" },
    params: idParams,
    responses: { 200: { description: "The environment", schema: runEnvironment } },
    async handle({ params }, { store, ...services }) {
      const { id } = await runOf({ store, ...services }, params.id);
      const [definition, origin, jobs, names] = [
        found(await store.definition(id), "run", id),
        await store.origin(id),
        await store.jobs(id),
        await store.parameterNames(id),
      ];
      const body: z.infer<typeof runEnvironment> = {
        variables: variablesOf(definition, origin, names),
        secrets: names.flatMap((name) => (name.startsWith(SECRET) ? [name.slice(SECRET.length)] : [])).toSorted(),
        jobs: jobs.map((job) => ({
          id: job.id,
          name: job.name,
          variables: ofFile(definition.jobs.get(job.name)?.environment ?? {}),
          outputs: { ...job.outputs },
        })),
      };
      return { status: 200, body };
    },
  }),
];

/** @param names of the run's parameters: those of a run of a directory may be secret, and their values are not stored */
function variablesOf(definition: PipelineDefinition, origin: RunOrigin | null, names: readonly string[]): Variable[] {
  const parameters = origin === null ? {} : parametersOf(origin);
  const given = names
    .filter((name) => !name.startsWith(SECRET))
    .map((name): Variable => {
      const value = Object.hasOwn(parameters, name) ? (parameters[name] ?? null) : null;
      const source = origin !== null && !Object.hasOwn(origin.inputs, name) ? "git" : "given";
      return { name, value, is_template: false, source };
    });
  const isGiven = new Set(given.map(({ name }) => name));
  return [...given, ...ofFile(definition.globalEnv).filter(({ name }) => !isGiven.has(name))];
}

function ofFile(environment: Environment): Variable[] {
  return Object.entries(environment).map(([name, text]) => ({
    name: name.startsWith(INPUT_PREFIX) ? name.slice(INPUT_PREFIX.length) : name,
    value: isDeferred(text) ? text.deferred : text,
    is_template: isDeferred(text),
    source: name.startsWith(INPUT_PREFIX) ? "input" : "file",
  }));
}
