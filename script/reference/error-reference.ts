import { codesByArea } from "../../apps/cli/src/commands/explain/action.ts";
import type { ErrorDefinition } from "../../packages/core/src/index.ts";

/** `docs/reference/errors.md`: the registry of errors as Markdown, with an anchor for each code. */
export function errorReference(): string {
  const areas = [...codesByArea()].flatMap(([area, entries]) => [
    `## ${area} errors`,
    ...entries.map(([code, definition]) => errorSection(code, definition)),
  ]);
  const preface = `# Errors

Every problem that Waybill reports has a code, which stays the same from version to version. \`waybill explain CODE\`
shows what stands here. Words in braces are filled in with what was found.`;
  return [preface, ...areas].join("\n\n");
}

function errorSection(
  code: string,
  { title, severity, message, remedy, example, help, exitCode }: ErrorDefinition,
): string {
  return [
    `### ${code}`,
    severity === "warning" ? `${title} (a warning: nothing fails because of it).` : `${title}.`,
    asCode("text", message),
    // A remedy that is only a placeholder depends on the case and says nothing here.
    /^\{\w+\}$/.test(remedy) ? "" : `What to do: ${escaped(remedy)}`,
    example === "" ? "" : `For example:\n\n${asCode(example.startsWith("waybill ") ? "sh" : "yaml", example)}`,
    [
      ...(severity === "error" ? [`Exit code ${exitCode}.`] : []),
      ...(help === `errors.md#${code.toLowerCase()}` ? [] : [`See [${help.split("#")[0]}](${help}).`]),
    ].join(" "),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function asCode(language: string, text: string): string {
  // A fence longer than any in the text.
  const fence = "`".repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length + 1)));
  return `${fence}${language}\n${text}\n${fence}`;
}

/** Markdown takes these for its own outside of code. */
function escaped(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith("`") ? part : part.replaceAll(/[*_<>|[\]#]/g, "\\$&")))
    .join("")
    .replaceAll("\n", "\\\n");
}
