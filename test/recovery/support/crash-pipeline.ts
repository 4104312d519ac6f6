/** Lines that each talking step prints to each stream. */
export const LINES = 25;

/**
 * Jobs in a row and side by side, steps that talk on both streams, a step and a job that fail the first time, and an
 * artifact handed on. Every attempt of every step leaves a line in a file outside the workspace.
 *
 * @param marks absolute path of that file; nothing in it needs quoting
 */
export function crashPipeline(marks: string): string {
  const talk = `i=0; while [ "$i" -lt ${LINES} ]; do i=$((i + 1)); echo "out $i"; echo "err $i" >&2; sleep 0.008; done`;
  const step = (name: string, ...script: readonly string[]): string =>
    `      - name: ${name}\n        script:\n${[`echo ${name} >> ${marks}`, ...script].map((line) => `          - ${JSON.stringify(line)}\n`).join("")}`;
  const failsAtFirst = (name: string): string => `[ "$(grep -c '^${name}$' ${marks})" -ge 2 ]`;
  return `name: crash
jobs:
  build:
    steps:
${step("compile", talk)}${step("link", "echo linked > out.txt")}
    artifacts: { out: [out.txt] }
  step-again:
    steps:
${step("flaky-step", "echo trying", failsAtFirst("flaky-step"))}        retry_count: 1
  job-again:
    retry_count: 1
    steps:
${step("flaky-job", "echo trying", failsAtFirst("flaky-job"))}${step("behind-flaky", "true")}
  check:
    depends_on: [build, step-again, job-again]
    steps:
${step("verify", "grep linked out.txt", talk)}
`;
}

/** What is in the file of marks when every attempt of every step ran once. */
export const MARKS: readonly string[] = [
  "behind-flaky",
  "compile",
  "flaky-job",
  "flaky-job",
  "flaky-step",
  "flaky-step",
  "link",
  "verify",
];

function talked(stream: "stdout" | "stderr", prefix: string): string[] {
  return Array.from({ length: LINES }, (_, index) => `${stream} ${prefix} ${index + 1}`);
}

/** What each job printed, per step and attempt of the step: first all of stdout, then all of stderr. */
export const OUTPUT: Readonly<Record<string, readonly string[]>> = {
  build: [...talked("stdout", "out"), ...talked("stderr", "err")],
  "step-again": ["stdout trying", "stdout trying"],
  "job-again": ["stdout trying", "stdout trying"],
  check: ["stdout linked", ...talked("stdout", "out"), ...talked("stderr", "err")],
};
