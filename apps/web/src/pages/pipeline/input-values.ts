import type { PipelineInput } from "../../api/generated/operations.ts";
import { shellWord } from "../../components/shell-word.ts";

/** What is in the form's fields, by the inputs' names. */
export type InputTexts = Readonly<Record<string, string>>;

export function initialText({ type, default: preset }: PipelineInput): string {
  if (preset !== null) return String(preset);
  return type === "boolean" ? "false" : "";
}

/** What is wrong with fields, by their names; what an empty field of an optional input leaves out is not. */
export function problemsOf(inputs: readonly PipelineInput[], texts: InputTexts): Readonly<Record<string, string>> {
  const problems = inputs.flatMap((input): [string, string][] => {
    const problem = problemOfInput(input, texts[input.name] ?? "");
    return problem === null ? [] : [[input.name, problem]];
  });
  return Object.fromEntries(problems);
}

function problemOfInput({ type, required, options }: PipelineInput, text: string): string | null {
  if (text === "") return required ? "It needs a value." : null;
  if (type === "number" && !/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text.trim())) return "It is a number.";
  if (type === "choice" && !options.includes(text)) return "Choose one of them.";
  return null;
}

/** As the server takes them; what is empty has its default there. */
export function valuesOf(
  inputs: readonly PipelineInput[],
  texts: InputTexts,
): Readonly<Record<string, string | number | boolean>> {
  const values = inputs.flatMap(({ name, type }): [string, string | number | boolean][] => {
    const text = texts[name] ?? "";
    if (text === "") return [];
    if (type === "boolean") return [[name, text === "true"]];
    return [[name, type === "number" ? Number(text) : text]];
  });
  return Object.fromEntries(values);
}

/** The command that does what the form does. */
export function triggerCommand(
  pipeline: string,
  ref: string,
  inputs: readonly PipelineInput[],
  texts: InputTexts,
): string {
  const given = inputs.flatMap((input) => {
    const text = texts[input.name] ?? "";
    return text === "" || text === initialText(input) ? [] : [`--input ${shellWord(`${input.name}=${text}`)}`];
  });
  return ["waybill trigger", shellWord(pipeline), ...(ref === "" ? [] : [`--ref ${shellWord(ref)}`]), ...given].join(
    " ",
  );
}
