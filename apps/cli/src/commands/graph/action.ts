import { planOf, renderGraph, type GraphFormat } from "@waybill/pipeline";
import { write, writeJson, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";
import { loadValidPipeline } from "../../files/valid-pipeline.ts";
import type { ParameterOptions } from "../../options.ts";

export interface GraphOptions extends ParameterOptions {
  readonly format: GraphFormat;
  readonly json?: boolean;
}

export async function graph(
  context: CommandContext,
  file: string | undefined,
  options: GraphOptions,
): Promise<ExitCode> {
  const json = options.json === true;
  const { definition } = await loadValidPipeline(context, file, { ...options, problemsAsJson: json }, "graph");
  if (!json) {
    await write(context.stdout, renderGraph(planOf(definition), options.format));
    return SUCCESS;
  }
  const jobs = [...definition.jobs.values()];
  await writeJson(context, {
    name: definition.name,
    jobs: jobs.map(({ name }) => name),
    edges: jobs.flatMap(({ name, dependsOn }) => dependsOn.map((dependency) => ({ from: dependency, to: name }))),
  });
  return SUCCESS;
}
