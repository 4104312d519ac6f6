export { cutLog } from "./cut-log.ts";
export { openLogStore } from "./file-log-store.ts";
export { problemOf } from "./problems/problem-of.ts";
export { PROBLEM_RULES, type ProblemLevel, type ProblemRule } from "./problems/problem-rules.ts";
