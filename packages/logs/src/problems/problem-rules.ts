export type ProblemLevel = "error" | "warning";

export interface ProblemRule {
  /** Stays the same: people filter by it. */
  readonly id: string;
  readonly level: ProblemLevel;
  /** What it is about, for the documentation. */
  readonly about: string;
  /**
   * Tried on the beginning of a line, without what colours it. No repetition stands inside another one, none without a
   * limit next to one that takes the same characters: time stays linear whatever a job prints.
   */
  readonly pattern: RegExp;
  /** Lines that it is meant for; tests try them. */
  readonly examples: readonly string[];
}

/**
 * What lines look like that tell of a problem, in the order in which they are tried. The first that fits says what a line
 * is; a line that none fits is none.
 */
export const PROBLEM_RULES: readonly ProblemRule[] = [
  {
    id: "command_error",
    level: "error",
    about: "A marked error of a tool that talks to a build server",
    pattern: /^(?:::error\b|##\[error\])/,
    examples: ["::error file=app.js,line=1::Missing semicolon", "##[error]Process completed with exit code 1."],
  },
  {
    id: "command_warning",
    level: "warning",
    about: "A marked warning of a tool that talks to a build server",
    pattern: /^(?:::warning\b|##\[warning\])/,
    examples: ["::warning::The cache was not saved"],
  },
  {
    id: "compiler_error",
    level: "error",
    about: "A compiler or linter at a place in a file",
    pattern:
      /^[^:\s]{1,300}[:(]\d{1,7}(?:[:,]\d{1,7})?\)?: (?:fatal )?error\b|\berror (?:TS|CS|MSB)\d{1,5}\b|^error(?:\[E\d{1,5}\])?: |^\s{0,10}\d{1,7}:\d{1,7} {1,4}error {1,4}\S/,
    examples: [
      "src/main.c:10:5: error: expected ';'",
      "src/app.ts(3,7): error TS2322: Type 'string' is not assignable to type 'number'.",
      "error[E0382]: borrow of moved value: `x`",
      "  12:5  error  'x' is not defined  no-undef",
    ],
  },
  {
    id: "compiler_warning",
    level: "warning",
    about: "A compiler or linter at a place in a file",
    pattern:
      /^[^:\s]{1,300}[:(]\d{1,7}(?:[:,]\d{1,7})?\)?: warning\b|\bwarning (?:TS|CS|MSB)\d{1,5}\b|^\s{0,10}\d{1,7}:\d{1,7} {1,4}warning {1,4}\S/,
    examples: [
      "main.c:3:1: warning: unused variable 'x' [-Wunused-variable]",
      "  3:1  warning  Unexpected console  no-console",
    ],
  },
  {
    id: "test_failed",
    level: "error",
    about: "A test that failed, or a summary that counts some",
    pattern:
      /^\s{0,20}(?:--- FAIL\b|FAIL(?:ED)?[:\s]|not ok \d|[✗✘✕×] \S)|\b[1-9]\d{0,6} (?:tests? |specs? |examples?, [1-9]\d{0,6} )?(?:failed|failing|failures?)\b|\btest result: FAILED\b|\bTests run: \d{1,7}, Failures: [1-9]/,
    examples: [
      "--- FAIL: TestLogin (0.00s)",
      "FAIL src/cart.test.ts",
      "not ok 3 - adds up",
      "Tests: 2 failed, 10 passed",
    ],
  },
  {
    id: "exception",
    level: "error",
    about: "An exception, a panic or the beginning of a stack trace",
    pattern:
      /^Traceback \(most recent call last\)|^(?:fatal )?panic: |^thread '[^']{0,100}' panicked|\bUnhandled(?:PromiseRejection| exception)|^(?:Uncaught )?(?:[\w.$]{0,100}(?:Error|Exception))(?: \[\w{1,50}\])?: |^Exception in thread /,
    examples: [
      "Traceback (most recent call last):",
      "panic: runtime error: index out of range",
      "TypeError: x is not a function",
      "java.lang.NullPointerException: null",
      'Exception in thread "main" java.lang.Error',
    ],
  },
  {
    id: "build_failed",
    level: "error",
    about: "A build tool that gives up",
    pattern:
      /^npm (?:ERR!|error)|^make(?:\[\d{1,4}\])?: \*\*\* |^(?:BUILD FAILED|BUILD FAILURE|FAILURE: )|^ninja: build stopped|\bELIFECYCLE\b/,
    examples: ["npm error code ELIFECYCLE", "make: *** [Makefile:3: all] Error 2", "BUILD FAILED in 3s"],
  },
  {
    id: "shell",
    level: "error",
    about: "A shell or the system that cannot do what a script asks for",
    pattern:
      /: (?:(?:command )?not found|No such file or directory|Permission denied|No space left on device|cannot allocate memory)\s*$|\bSegmentation fault\b|^Killed\s*$|^Aborted \(core dumped\)/i,
    examples: [
      "sh: 1: gradle: not found",
      "cat: x: No such file or directory",
      "Segmentation fault (core dumped)",
      "Killed",
    ],
  },
  {
    id: "level_error",
    level: "error",
    about: "A line that a program itself calls an error",
    pattern:
      /^(?:[\d\-:.,TZ+/]{4,40} ){0,2}\[?(?:ERROR|FATAL|CRITICAL|SEVERE)\]?[:\s]|^(?:[\w./-]{1,60}: )?(?:fatal|error): |\blevel=(?:error|fatal)\b|"level":\s?"(?:error|fatal)"/i,
    examples: [
      "2024-01-01 12:00:00 ERROR no route",
      "[ERROR] Failed to execute goal",
      "fatal: not a git repository",
      "level=error msg=x",
    ],
  },
  {
    id: "level_warning",
    level: "warning",
    about: "A line that a program itself calls a warning",
    pattern:
      /^(?:[\d\-:.,TZ+/]{4,40} ){0,2}\[?WARN(?:ING)?\]?[:\s]|^(?:[\w./-]{1,60}[: ] ?)?warn(?:ing)?: |^npm warn\b|\blevel=warn(?:ing)?\b|"level":\s?"warn(?:ing)?"|\bDeprecationWarning\b/i,
    examples: [
      "WARN slow query",
      "npm warn deprecated inflight@1.0.6",
      "warning: LF will be replaced by CRLF",
      "[WARNING] x",
    ],
  },
];
