import { describe, expect, onTestFinished, test } from "vitest";
import { Gate } from "./support/gate.ts";
import { openBench } from "./support/open-bench.ts";
import { override } from "./support/override.ts";
import { readLog } from "./support/read-log.ts";
import { expectCleanEnd, processesWith } from "./support/traces.ts";

const MANY_LINES = `
name: many lines
jobs:
  print: { steps: [{ name: s, script: ["seq 50000"] }] }
`;

const MANY = Array.from({ length: 50_000 }, (_, index) => String(index + 1));

describe("the output of a step", () => {
  test("is told and kept line by line in the order of each stream, the last one also without a line break", async () => {
    const bench = await openBench();
    const run = await bench.start(`
name: streams
jobs:
  print:
    steps:
      - { name: first, script: ["for n in 1 2 3; do echo out $n; echo err $n >&2; done", "printf tail; printf errtail >&2"] }
      - { name: second, script: ["echo second"] }
`);
    expect((await run.handle.finished).status).toBe("success");
    const of = (step: string, stream: string): string[] =>
      run.recorder.output.filter((output) => output.step === step && output.stream === stream).map(({ line }) => line);
    expect(of("first", "stdout")).toEqual(["out 1", "out 2", "out 3", "tail"]);
    expect(of("first", "stderr")).toEqual(["err 1", "err 2", "err 3", "errtail"]);
    expect(of("second", "stdout")).toEqual(["second"]);
    expect((await readLog(bench, run, "print")).map(({ text }) => text)).toEqual(run.recorder.lines("print"));
    await expectCleanEnd(bench, run);
  });

  test("is told after the step's start and before its end", async () => {
    const bench = await openBench();
    const run = await bench.start(`
name: order
jobs:
  print: { steps: [{ name: a, script: ["echo a"] }, { name: b, script: ["echo b"] }] }
`);
    await run.handle.finished;
    const told = run.recorder.notices.map((notice) => ("event" in notice ? notice.event.type : notice.output.line));
    const ofStep = (line: string): string[] => ["step.started", line, "step.finished"];
    expect(told).toEqual([
      ...["run.started", "job.started"],
      ...[...ofStep("a"), ...ofStep("b")],
      ...["job.finished", "run.finished"],
    ]);
  });

  test("of 50,000 lines arrives whole", async () => {
    const bench = await openBench();
    const run = await bench.start(MANY_LINES);
    expect((await run.handle.finished).status).toBe("success");
    expect(run.recorder.lines("print")).toEqual(MANY);
    expect(await bench.ports.logs.lineCount(run.handle.id, "print")).toBe(50_000);
  });
});

describe("a line that has not ended", () => {
  test("is told behind the lines before it, kept only as it ends, and told to who asked for it alone", async () => {
    const bench = await openBench();
    const run = await bench.start(
      `
name: progress
jobs:
  print:
    environment: { TOKEN: "\${{ secrets.TOKEN }}" }
    steps: [{ name: s, script: ['printf "up\\n10%% $TOKEN\\r20%%"; sleep 0.2; printf "\\r100%%\\n"'] }]
`,
      { secrets: { TOKEN: "hunter22" } },
    );
    const told: string[] = [];
    run.handle.subscribe((notice) => void ("output" in notice && told.push(notice.output.line)));
    run.handle.subscribeUnfinished(({ job, step, stream, line }) => told.push([job, step, stream, line].join(" ")));
    expect((await run.handle.finished).status).toBe("success");
    expect(told).toEqual(["up", "print s stdout 20%", "100%"]);
    expect((await readLog(bench, run, "print")).map(({ text }) => text)).toEqual(["up", "100%"]);
    await expectCleanEnd(bench, run);
  });
});

describe("a listener", () => {
  test("that is slow gets everything, while no more than a piece of the output is in memory", async () => {
    let appended = 0;
    const bench = await openBench({
      wrap: (ports) => ({
        ...ports,
        logs: override(ports.logs, {
          write(...args) {
            const writer = ports.logs.write(...args);
            return override(writer, {
              append(lines) {
                appended += lines.length;
                writer.append(lines);
              },
            });
          },
        }),
      }),
    });
    const run = await bench.start("name: more lines\njobs:\n  print: { steps: [{ name: s, script: [seq 250000] }] }\n");
    let heard = 0;
    let ahead = 0;
    run.handle.subscribe(async (notice) => {
      if (!("output" in notice)) return;
      heard += 1;
      expect(notice.output.line).toBe(String(heard));
      ahead = Math.max(ahead, appended - heard);
      if (heard % 5000 === 0) await new Promise((resolve) => setImmediate(resolve));
    });
    expect(await run.handle.finished).toMatchObject({ status: "success", warnings: [] });
    expect(heard).toBe(250_000);
    // 250,000 lines are 1.6 MB; one read takes a quarter of a megabyte, at the beginning in shorter lines.
    expect(ahead).toBeLessThan(60_000);
  });

  test("that does not come back holds the output back, but neither time-outs nor the end of the processes", async () => {
    const bench = await openBench();
    const run = await bench.start(`
name: hung reader
jobs:
  print: { steps: [{ name: s, timeout: 60, script: ["echo up", "sleep 1000"] }] }
`);
    const gate = new Gate();
    onTestFinished(() => gate.open());
    run.handle.subscribe((notice) => ("output" in notice ? gate.pass() : undefined));
    await gate.reached;
    bench.clock.advance(60_000);
    await expect.poll(() => processesWith(bench.project)).toEqual([]);
    run.handle.kill();
    // The store has the end of the run while the listener still has not taken the first line.
    await expect.poll(async () => (await bench.store.find(run.handle.id))?.status).toBe("cancelled");
    gate.open();
    expect((await run.handle.finished).jobs["print"]).toMatchObject({ status: "failed", reason: "step_timeout" });
    await expectCleanEnd(bench, run);
  });

  test("that throws is told no more, and the run goes on for the others", async () => {
    const bench = await openBench();
    const run = await bench.start("name: n\njobs:\n  print: { steps: [{ name: s, script: [echo one, echo two] }] }\n");
    let calls = 0;
    run.handle.subscribe(() => {
      calls += 1;
      throw new Error("the page was closed");
    });
    expect(await run.handle.finished).toMatchObject({ status: "success", warnings: ["the page was closed"] });
    expect(calls).toBe(1);
    expect(run.recorder.lines("print")).toEqual(["one", "two"]);
    await expectCleanEnd(bench, run);
  });

  test("that has unsubscribed hears nothing more", async () => {
    const bench = await openBench();
    const run = await bench.start("name: n\njobs:\n  print: { steps: [{ name: s, script: [echo one] }] }\n");
    const heard: string[] = [];
    const unsubscribe = run.handle.subscribe((notice) => {
      heard.push("event" in notice ? notice.event.type : "output");
      if (heard.length === 2) unsubscribe();
    });
    await run.handle.finished;
    expect(heard).toEqual(["run.started", "job.started"]);
  });
});
