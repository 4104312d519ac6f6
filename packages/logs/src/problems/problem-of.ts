import { PROBLEM_RULES, type ProblemRule } from "./problem-rules.ts";

/** Of a line, so much is looked at. */
const LOOKED_AT = 1_000;

/** Without one of these words no rule fits: most lines are done with by one look. */
const ANY_WORD =
  /error|fail|warn|fatal|panic|exception|traceback|critical|severe|unhandled|not found|no such file|denied|no space|cannot allocate|segmentation|killed|aborted|not ok|[✗✘✕×]|\*\*\*|build stopped|elifecycle/i;

// eslint-disable-next-line no-control-regex -- what colours text begins with one
const ESCAPES = /\u001b(?:\[[0-9;:?]{0,40}[A-Za-z]|\][^\u0007\u001b]{0,500}(?:\u0007|\u001b\\)?)/g;

/** What a line tells of; null: of no problem. Takes time linear in the line, of which only the beginning counts. */
export function problemOf(text: string): ProblemRule | null {
  const beginning = text.length > LOOKED_AT ? text.slice(0, LOOKED_AT) : text;
  if (!ANY_WORD.test(beginning)) return null;
  const plain = beginning.includes("\u001b") ? beginning.replaceAll(ESCAPES, "") : beginning;
  for (const rule of PROBLEM_RULES) if (rule.pattern.test(plain)) return rule;
  return null;
}
