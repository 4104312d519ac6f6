import { diagnosticToJson, planOf, planToJson, renderPlan } from "@waybill/pipeline";
import { write, writeJson, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";
import { loadValidPipeline } from "../../files/valid-pipeline.ts";
import type { ParameterOptions } from "../../options.ts";

export interface PlanOptions extends ParameterOptions {
  readonly json?: boolean;
}

export async function plan(context: CommandContext, file: string | undefined, options: PlanOptions): Promise<ExitCode> {
  const json = options.json === true;
  const { definition, warnings, parameters } = await loadValidPipeline(
    context,
    file,
    { ...options, problemsAsJson: json },
    "plan",
  );
  const planned = planOf(definition, { parameters });
  if (json) await writeJson(context, planToJson(planned, warnings.map(diagnosticToJson)));
  else await write(context.stdout, renderPlan(planned));
  return SUCCESS;
}
