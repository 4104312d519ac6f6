import { describe, expect, test } from "vitest";
import type { Job, RunDetails } from "../api/generated/operations.ts";
import { keys } from "../api/keys.ts";
import { effectOf } from "./effects.ts";
import type { LiveEvent } from "./live-event.ts";
import { parseStream } from "./parse-stream.ts";

const RUN = "01a1f99c-8cc9-720b-8460-2dca7139c785";
const TIME = "2026-01-01T00:00:00.000Z";

function event(kind: string, data: LiveEvent["data"]): LiveEvent {
  return { id: "1", kind, data: { run: RUN, time: TIME, ...data } };
}

function step(name: string, status: Job["steps"][number]["status"]): Job["steps"][number] {
  return { id: name, name, position: 0, status, exit_code: null, started_at: null, finished_at: null };
}

const JOB: Job = {
  id: "j",
  name: "build",
  stage_type: "build",
  status: "pending",
  reason: null,
  message: "",
  attempts: 0,
  depends_on: [],
  deploys_to: null,
  held_by: null,
  outputs: {},
  started_at: null,
  finished_at: null,
  steps: [step("compile", "pending"), step("test", "pending")],
  artifacts: [],
};

/** The job after some events. */
function jobAfter(...events: readonly LiveEvent[]): Job | undefined {
  let jobs: unknown = { items: [JOB, { ...JOB, name: "other" }] };
  for (const each of events) {
    for (const { key, change } of effectOf(each).patches) {
      expect(key).toEqual(keys.jobs(RUN));
      jobs = change(jobs);
    }
  }
  const { items } = jobs as { readonly items: readonly Job[] };
  expect(items[1]).toEqual({ ...JOB, name: "other" });
  return items[0];
}

describe("events change what is cached", () => {
  test("a job goes through its steps", () => {
    const begun = [
      event("job.started", { job: "build", attempt: 2 }),
      event("step.started", { job: "build", step: "compile" }),
    ];
    expect(jobAfter(...begun)).toMatchObject({
      status: "running",
      attempts: 2,
      started_at: TIME,
      steps: [{ status: "running", started_at: TIME }, { status: "pending" }],
    });
    const failed = [
      ...begun,
      event("step.finished", { job: "build", step: "compile", status: "failed", exit_code: 3 }),
      event("job.finished", {
        job: "build",
        status: "failed",
        reason: "exit_code",
        message: "exited with code 3",
        attempts: 2,
      }),
    ];
    expect(jobAfter(...failed)).toMatchObject({
      status: "failed",
      reason: "exit_code",
      message: "exited with code 3",
      finished_at: TIME,
      steps: [{ status: "failed", exit_code: 3, finished_at: TIME }, { status: "pending" }],
    });
  });

  test("a job that waits for its next attempt says so, and begins again", () => {
    const retried = event("job.retry", { job: "build", message: "the network failed" });
    expect(jobAfter(retried)).toMatchObject({ status: "retry", message: "the network failed" });
    expect(jobAfter(retried, event("job.started", { job: "build", attempt: 2 }))).toMatchObject({ status: "running" });
  });

  test("a run that ends is over at once, and lists are read again", () => {
    const { patches, stale } = effectOf(event("run.finished", { status: "success", reason: null }));
    const run = { status: "running", finished_at: null } as RunDetails;
    expect(patches[0]?.change(run)).toMatchObject({ status: "success", finished_at: TIME });
    expect(stale).toContainEqual(keys.runs);
    expect(stale).toContainEqual(keys.run(RUN));
  });

  test("a job that is held, or no longer, is read again with what it waits for", () => {
    for (const kind of ["job.held", "job.released"]) {
      const { stale } = effectOf(event(kind, { job: "build", message: "waits" }));
      expect(stale).toEqual(expect.arrayContaining([keys.jobs(RUN), keys.approvals]));
    }
  });

  test.each([
    ["approval.decided", { run_id: RUN }, [keys.approvals, keys.runApprovals(RUN), keys.jobs(RUN)]],
    ["artifact.stored", { project_id: "p" }, [keys.artifacts, keys.storage]],
    ["secret.changed", { project_id: "p" }, [keys.secrets("p")]],
    ["environment.changed", {}, [["environments"]]],
    ["member.changed", { project_id: "p" }, [keys.members("p"), keys.me]],
  ])("%s has what it is about read again", (kind, data, stale) => {
    expect(effectOf({ id: "1", kind, data })).toEqual({ patches: [], stale });
  });

  test.each([
    ["an unknown kind", event("something.new", {})],
    ["a kind of an object's own", event("toString", {})],
    ["no run", { id: "1", kind: "run.started", data: {} }],
  ])("%s changes nothing", (_, given) => expect(effectOf(given)).toEqual({ patches: [], stale: [] }));
});

test("an event stream is read however it is cut", () => {
  const text =
    'retry: 1000\n\n: still here\n\nid: 7\nevent: job.started\ndata: {"run":"r"}\n\nid: 8\nevent: x\ndata: {"a":1}\n\n';
  for (let cut = 0; cut <= text.length; cut += 1) {
    const first = parseStream(text.slice(0, cut));
    const second = parseStream(first.rest + text.slice(cut));
    expect([...first.events, ...second.events]).toEqual([
      { id: "7", kind: "job.started", data: { run: "r" } },
      { id: "8", kind: "x", data: { a: 1 } },
    ]);
    expect(second.rest).toBe("");
  }
});
