/** What a page asks its reader to do, in order: to write a file, or to run a command. */
export type DocumentStep = WriteFile | RunCommand;

export interface WriteFile {
  readonly kind: "write";
  readonly line: number;
  readonly path: string;
  readonly text: string;
}

export interface RunCommand {
  readonly kind: "run";
  readonly line: number;
  readonly command: string;
  /** Lines the page shows below the command. */
  readonly shown: readonly string[];
  readonly exitCode: number;
}

const FENCE = /^```(\w*)(?: (.*))?$/;

/**
 * The steps of a Markdown page. A fenced block with `file=PATH` behind its language is a file to write. A `console`
 * block holds commands behind `$ ` and what they print; all of them succeed, but for the last of a block with `exit=N`.
 * Other blocks are not for running.
 */
export function documentSteps(markdown: string): DocumentStep[] {
  const steps: DocumentStep[] = [];
  const lines = markdown.split("\n");
  for (let index = 0; index < lines.length; index += 1) {
    const fence = FENCE.exec(lines[index] ?? "");
    if (fence === null) continue;
    const end = lines.indexOf("```", index + 1);
    if (end < 0) throw new Error(`line ${index + 1}: the block is not closed`);
    const body = lines.slice(index + 1, end);
    const path = /(?:^| )file=(\S+)/.exec(fence[2] ?? "")?.[1];
    if (path !== undefined) steps.push({ kind: "write", line: index + 1, path, text: `${body.join("\n")}\n` });
    if (fence[1] === "console") steps.push(...commandsOf(body, index + 2, exitCodeOf(fence[2] ?? "")));
    index = end;
  }
  return steps;
}

function exitCodeOf(attributes: string): number {
  return Number(/(?:^| )exit=(\d+)/.exec(attributes)?.[1] ?? 0);
}

function commandsOf(body: readonly string[], firstLine: number, exitCode: number): RunCommand[] {
  const starts = body.flatMap((line, index) => (line.startsWith("$ ") ? [index] : []));
  if (starts[0] !== 0) throw new Error(`line ${firstLine}: a console block starts with a command`);
  return starts.map((start, position) => ({
    kind: "run",
    line: firstLine + start,
    command: (body[start] ?? "").slice(2),
    shown: body.slice(start + 1, starts[position + 1] ?? body.length),
    exitCode: position === starts.length - 1 ? exitCode : 0,
  }));
}

/**
 * Whether a command printed what the page shows. A line of `…` stands for any number of lines, `…` within a line for
 * any text. Durations and ids may differ, and so may the widths of columns and empty lines at the end.
 *
 * @param shown - as in the page; none at all means that the page leaves the output out
 */
export function showsOutput(shown: readonly string[], printed: string): boolean {
  if (shown.length === 0) return true;
  const pattern = shown
    .map((line) => (line.trim() === "…" ? ANY_LINES : `${escaped(comparable(line)).replaceAll("…", ".*")}\n`))
    .join("");
  const lines = printed.split("\n").map(comparable).join("\n").trimEnd();
  return new RegExp(`^${pattern.trimEnd()}\\n?$`).test(`${lines}\n`);
}

const ANY_LINES = "(?:.*\\n)*?";

function comparable(line: string): string {
  return line
    .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "ID")
    .replaceAll(/\b\d+(?:\.\d+)? ?(?:ms|s|min)\b/g, "TIME")
    .replaceAll(/\b(?:just now|TIME ago)\b/g, "WHEN")
    .replaceAll(/\s+/g, " ")
    .trimEnd();
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
