import { describe, expect, test } from "vitest";
import { openBench } from "./support/open-bench.ts";

const HANDING_ON = `
name: outputs
jobs:
  build:
    steps:
      - name: version
        script:
          - echo "VERSION=1.2.3" >>"$WAYBILL_OUTPUT"
          - printf 'CHANNEL=beta\\nNOTE=a "b" $c\\n' >>"$WAYBILL_OUTPUT"
      - name: correct
        script: ['echo "CHANNEL=stable" >>"$WAYBILL_OUTPUT"']
  test:
    depends_on: [build]
    environment: { NOTE: mine }
    steps:
      - { name: read, script: ['echo "env $VERSION $CHANNEL $NOTE"', 'echo "text \${{ job.build.outputs.VERSION }}"'] }
  ship:
    depends_on: [test]
    if: "job.build.outputs.CHANNEL == 'stable'"
    steps:
      - { name: none, script: ['echo "left: \${VERSION:-nothing}"'] }
`;

test("a job hands values on to those that depend on it, as text and as environment", async () => {
  const bench = await openBench();
  const { handle, recorder } = await bench.start(HANDING_ON);
  expect(await handle.finished).toMatchObject({ status: "success" });
  expect(recorder.lines("test")).toEqual(["env 1.2.3 stable mine", "text 1.2.3"]);
  expect(recorder.lines("ship")).toEqual(["left: nothing"]);
  const jobs = await bench.store.jobs(handle.id);
  expect(jobs[0]?.outputs).toEqual({ VERSION: "1.2.3", CHANNEL: "stable", NOTE: 'a "b" $c' });
});

test("a secret in an output is handed on masked, and the log says so", async () => {
  const bench = await openBench();
  const { handle, recorder } = await bench.start(
    `
name: secret
jobs:
  build:
    environment: { TOKEN: "\${{ secrets.TOKEN }}" }
    steps: [{ name: s, script: ['printf "A=x\\nB=is $TOKEN\\n$TOKEN=c\\n" >>"$WAYBILL_OUTPUT"'] }]
  use: { depends_on: [build], steps: [{ name: s, script: ['echo "$A $B"'] }] }
`,
    { secrets: { TOKEN: "hunter22" } },
  );
  expect(await handle.finished).toMatchObject({ status: "success" });
  expect(recorder.output.map(({ job, stream, line }) => [job, stream, line])).toEqual([
    ["build", "system", "Handed on masked, because a secret is in it: B"],
    ["use", "stdout", "x is ***"],
  ]);
  expect((await bench.store.jobs(handle.id))[0]?.outputs).toEqual({ A: "x", B: "is ***" });
});

describe("a step that writes no proper output", () => {
  test.each([
    ["echo nonsense >>$WAYBILL_OUTPUT", "line 1, it has no ="],
    ["echo PATH=/evil >>$WAYBILL_OUTPUT", "PATH would change"],
    ["ln -s /etc/passwd $WAYBILL_OUTPUT", "no plain file"],
    ["mkfifo $WAYBILL_OUTPUT", "no plain file"],
    ["head -c 2000000 /dev/zero >>$WAYBILL_OUTPUT", "larger than 1 MiB"],
  ])("fails: %s", async (line, message) => {
    const bench = await openBench();
    const { handle } = await bench.start(`name: p\njobs: { a: { steps: [{ name: s, script: ['${line}'] }] } }`);
    const { status, jobs } = await handle.finished;
    expect({ status, job: jobs["a"] }).toMatchObject({
      status: "failed",
      job: { reason: "outputs_invalid", message: expect.stringContaining(message) },
    });
  });
});

test("a job that is tried again hands on only what its last attempt wrote", async () => {
  const bench = await openBench();
  const pipeline = `
name: again
jobs:
  build:
    retry_count: 1
    steps:
      - name: s
        script: ['if [ "$WAYBILL_ATTEMPT" = 1 ]; then echo OLD=1 >>"$WAYBILL_OUTPUT"; exit 3; fi', 'echo NEW=2 >>"$WAYBILL_OUTPUT"']
`;
  const { handle, recorder } = await bench.start(pipeline);
  await recorder.event("job.retry");
  bench.clock.advance(1_000);
  expect(await handle.finished).toMatchObject({ status: "success" });
  expect((await bench.store.jobs(handle.id))[0]?.outputs).toEqual({ NEW: "2" });
});
