import type { SourceFile } from "./layering.ts";

/** Rules about the text of files that the linter cannot express. Each returns what is wrong as `path:line: problem`. */

const WARN_LINES = 400;
const MOST_LINES = 800;

/** Lines of hand-written TypeScript files over a limit: `tooLong` must be empty, `long` is for a second look. */
export function fileLengths(files: readonly SourceFile[]): { readonly long: string[]; readonly tooLong: string[] } {
  const measured = files
    .filter(({ path }) => !path.includes("/generated/"))
    .map(({ path, text }) => ({ path, lines: text.split("\n").length - 1 }));
  function over(limit: number): string[] {
    return measured.filter(({ lines }) => lines > limit).map(({ path, lines }) => `${path}: ${lines} lines`);
  }
  return { long: over(WARN_LINES), tooLong: over(MOST_LINES) };
}

/** Programs are started with an argument array: no shell option, no function that takes a shell line. */
export function shellStrings(files: readonly SourceFile[]): string[] {
  return matches(
    files,
    /\bshell:\s*(?:true\b|["'`])|\b(?:child_process|childProcess|cp)\.exec(?:Sync)?\(/,
    "runs a shell line",
  );
}

/** A function at the top of a file is a declaration: it has a name in stack traces and can stand below its first use. */
export function arrowConstants(files: readonly SourceFile[]): string[] {
  return matches(
    files,
    /^(?:export )?const \w+ = (?:async )?(?:\([^()]*\)(?:: [^=]+)?|\w+) =>/,
    "is a function: declare it with function",
  );
}

/** Directories of somebody's machine have no place in a repository. Tests may make up a home directory. */
export function machinePaths(files: readonly SourceFile[]): string[] {
  const problem = "names a directory of one machine";
  const notTests = files.filter(({ path }) => !path.endsWith(".test.ts"));
  return [
    ...matches(files, /(?<![\w.$}])\/(?:Users|work|mnt)\/[a-z]/, problem),
    ...matches(notTests, /(?<![\w.$}])\/(?:home|root)\/[a-z]/, problem),
  ];
}

/** A lock file installs from any registry only when it names none. */
export function lockedRegistries(files: readonly SourceFile[]): string[] {
  return matches(files, /"resolved":\s*"[a-z+]+:/, "names the registry it was made with");
}

/** Only and skip are for the desk; what needs something special of the machine uses describeWith. */
export function focusedOrSkippedTests(files: readonly SourceFile[]): string[] {
  return matches(files, /\b(?:describe|test|it)(?:\.\w+)*\.(?:only|skip|todo)\b/, "leaves tests out");
}

function matches(files: readonly SourceFile[], pattern: RegExp, problem: string): string[] {
  return files.flatMap(({ path, text }) =>
    text.split("\n").flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${problem}`] : [])),
  );
}
