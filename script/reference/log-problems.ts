import { PROBLEM_RULES } from "../../packages/logs/src/index.ts";

/** The page about what lines of logs are taken for. */
export function logProblems(): string {
  const rows = PROBLEM_RULES.map(({ id, level, about, examples }) => {
    const shown = examples.map((example) => `\`\` ${example.replaceAll("|", "\\|")} \`\``).join("<br>");
    return `| \`${id}\` | ${level} | ${about} | ${shown} |`;
  });
  return `# What lines of a log are taken for

<!-- Written by script/generate-reference.ts of packages/logs/src/problems/problem-rules.ts. -->

\`GET /v1/jobs/{id}/logs/problems\` lists the lines of a job's log that look like errors and warnings. The rules are tried from the
top on the first 1,000 characters of a line, without what colours it; the first that fits says what the line is. They change nothing
about how a job ends, or whether it is tried again.

The first error of a job is the first one of what ran last: steps that are tried again have failed before.

| rule | level | a line of | for example |
| ---- | ----- | --------- | ----------- |
${rows.join("\n")}
`;
}
