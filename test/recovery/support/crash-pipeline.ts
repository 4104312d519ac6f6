/** Lines that each talking step prints to each stream. */
export const LINES = 25;

/** Given with the run; the step that gets it prints it with each line. */
export const SECRETS = { TOKEN: "a-secret\nof-two-lines" };

export interface CrashPipelineOptions {
  /** Path of the file of marks as the steps see it; nothing in it needs quoting. */
  readonly marks: string;
  /** Of the steps of a job by turns; empty: they name none. */
  readonly images: readonly string[];
}

/**
 * Jobs in a row and side by side, steps that talk on both streams, a step and a job that fail the first time, an
 * artifact and an output handed on, a secret printed. Every attempt of every step leaves a line in a file that outlives the workspace.
 */
export function crashPipeline({ marks, images }: CrashPipelineOptions): string {
  const talk = `i=0; while [ "$i" -lt ${LINES} ]; do i=$((i + 1)); echo "out $i$TOKEN"; echo "err $i" >&2; sleep 0.008; done`;
  const imageOf = (position: number): string =>
    images.length === 0 ? "" : `        image: ${images[position % images.length]}\n`;
  const step = (position: number, name: string, ...script: readonly string[]): string =>
    `      - name: ${name}\n${imageOf(position)}        script:\n${[`echo ${name} >> ${marks}`, ...script].map((line) => `          - ${JSON.stringify(line)}\n`).join("")}`;
  const failsAtFirst = (name: string): string => `[ "$(grep -c '^${name}$' ${marks})" -ge 2 ]`;
  return `name: crash
jobs:
  build:
    steps:
${step(0, "compile", talk)}${step(1, "link", "echo linked > out.txt", `echo "ANSWER=42" >> "$WAYBILL_OUTPUT"`)}
    artifacts: { out: [out.txt] }
  step-again:
    steps:
${step(0, "flaky-step", "echo trying", failsAtFirst("flaky-step"))}        retry_count: 1
  job-again:
    retry_count: 1
    steps:
${step(0, "flaky-job", "echo trying", failsAtFirst("flaky-job"))}${step(0, "behind-flaky", "true")}
  check:
    depends_on: [build, step-again, job-again]
    environment: { TOKEN: " \${{ secrets.TOKEN }}" }
    steps:
${step(0, "verify", "grep linked out.txt", `echo "$ANSWER \${{ job.build.outputs.ANSWER }}"`, talk)}
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

function talked(stream: "stdout" | "stderr", prefix: string, behind = ""): string[] {
  return Array.from({ length: LINES }, (_, index) => `${stream} ${prefix} ${index + 1}${behind}`);
}

/** What each job printed, per step and attempt of the step: first all of stdout, then all of stderr. */
export const OUTPUT: Readonly<Record<string, readonly string[]>> = {
  build: [...talked("stdout", "out"), ...talked("stderr", "err")],
  "step-again": ["stdout trying", "stdout trying"],
  "job-again": ["stdout trying", "stdout trying"],
  check: ["stdout linked", "stdout 42 42", ...talked("stdout", "out", " ***"), ...talked("stderr", "err")],
};
