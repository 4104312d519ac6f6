import type { DiagnosticCollector } from "../diagnostics/diagnostic.ts";
import { INPUT_PREFIX, type InputValue, type PipelineInput } from "../model/input.ts";
import type { Located, PipelineTemplate } from "../model/template.ts";
import { escapeLiteral } from "../variables/print.ts";
import { absentValue, readInputValue, unknownInput } from "./input-values.ts";

/** `sampled`: for looking at a file without a run, a required input that is not given has a made-up value. */
export type MissingInputs = "reported" | "sampled";

export interface BoundInputs {
  /** With the inputs among its variables, as `inputs.NAME`. */
  readonly template: PipelineTemplate;
  /** Those that are no inputs. */
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * Gives the inputs of a pipeline their values, which are the parameters named `inputs.NAME`.
 *
 * They become variables of the whole pipeline, so texts, conditions and a resumed run all find them in one place.
 */
export function bindInputs(
  template: PipelineTemplate,
  parameters: Readonly<Record<string, string>>,
  missing: MissingInputs,
  collector: DiagnosticCollector,
): BoundInputs {
  const entries = Object.entries(parameters);
  const given = new Map(
    entries.flatMap(([name, value]) =>
      name.startsWith(INPUT_PREFIX) ? [[name.slice(INPUT_PREFIX.length), value]] : [],
    ),
  );
  const declared = new Map([...template.inputs].map(([name, { value }]) => [name, value] as const));
  for (const name of given.keys()) {
    if (!declared.has(name)) collector.report("INPUT_UNKNOWN", unknownInput(name, declared), NOWHERE);
  }
  if (template.inputs.size === 0) return { template, parameters: withoutInputs(entries) };
  const variables = new Map<string, Located<string>>();
  for (const [name, input] of template.inputs) {
    const value = valueOf(name, input, given.get(name), missing, collector);
    if (value === null) continue;
    // Given values are text, never templates.
    const text = escapeLiteral(String(value));
    variables.set(`${INPUT_PREFIX}${name}`, { value: text, span: input.span, path: input.path });
  }
  const globalEnv = new Map([...template.globalEnv, ...variables]);
  return { template: { ...template, globalEnv }, parameters: withoutInputs(entries) };
}

const NOWHERE = { span: null, path: "inputs" } as const;

function withoutInputs(entries: readonly (readonly [string, string])[]): Readonly<Record<string, string>> {
  return Object.fromEntries(entries.filter(([name]) => !name.startsWith(INPUT_PREFIX)));
}

function valueOf(
  name: string,
  { value: input, span, path }: Located<PipelineInput>,
  given: string | undefined,
  missing: MissingInputs,
  collector: DiagnosticCollector,
): InputValue | null {
  if (given === undefined) {
    if (input.required && missing === "sampled") return sampleOf(name, input);
    if (input.required) collector.report("INPUT_MISSING", { name }, { span, path });
    // Of a missing one too, so that the places that name it are not blamed for its absence.
    return input.required ? sampleOf(name, input) : absentValue(input);
  }
  const read = readInputValue(input, given);
  if (read.problem !== null) collector.report("INPUT_INVALID", { name, problem: read.problem }, { span, path });
  return read.value ?? sampleOf(name, input);
}

/** Something that fits wherever such an input is likely to stand; an empty text would not, as an image say. */
function sampleOf(name: string, input: PipelineInput): InputValue {
  if (input.type === "string") return name.toLowerCase();
  return input.type === "number" ? 1 : absentValue(input);
}
