// Parse, validate and plan in a warm process, against what the YAML library alone takes for the same text.
import { parseDocument } from "yaml";
import { parsePipeline, planOf } from "@waybill/pipeline";
import { ordinaryPipeline } from "./lib/pipelines.ts";
import { inTurn, printHeader, printRatio, timed } from "./lib/statistics.ts";

function plan(text: string): unknown {
  const { definition, errors } = parsePipeline(text, { parameters: {}, system: {}, now: 0 });
  if (definition === null) throw new Error(errors[0]?.message);
  return planOf(definition);
}

printHeader();
for (const [jobs, repeats, wanted] of [
  [20, 200, "1 ms or less"],
  [1000, 5, "60 ms or less"],
  [10_000, 1, "1 s or less"],
] as const) {
  const text = ordinaryPipeline(jobs);
  for (let warm = 0; warm < 3; warm++) timed(repeats, () => plan(text));
  const times = await inTurn(
    7,
    () => timed(repeats, () => plan(text)),
    () => timed(repeats, () => parseDocument(text, { keepSourceTokens: false, uniqueKeys: false })),
  );
  printRatio(`plan ${jobs} jobs / YAML library alone`, times.subject, times.baseline, wanted);
}
