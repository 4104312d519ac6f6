import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { admit, nextToStart, type GroupMember } from "./admit.ts";

const running: GroupMember = { runId: "a", isAdmitted: true, isSuperseded: false };
const waiting: GroupMember = { runId: "b", isAdmitted: false, isSuperseded: false };

describe("a run that enters", () => {
  test("an empty group starts", () => {
    expect(admit([], false)).toEqual({ kind: "start" });
    expect(admit([], true)).toEqual({ kind: "start" });
  });

  test("behind others waits for its turn, or ends them", () => {
    expect(admit([running, waiting], false)).toEqual({ kind: "queue", behind: ["a", "b"] });
    expect(admit([running, waiting], true)).toEqual({ kind: "supersede", runs: ["a", "b"] });
  });

  test("waits for one that is still ending", () => {
    const ending = { ...running, isSuperseded: true };
    expect(admit([ending], false)).toEqual({ kind: "queue", behind: ["a"] });
    expect(admit([ending], true)).toEqual({ kind: "queue", behind: ["a"] });
  });

  test("does not wait for one that never started and never will", () => {
    expect(admit([{ ...waiting, isSuperseded: true }], false)).toEqual({ kind: "start" });
  });
});

type Step = { readonly kind: "enter"; readonly cancels: boolean } | { readonly kind: "end"; readonly which: number };

/** A group as a server keeps it. */
class Group {
  members: GroupMember[] = [];
  readonly started: string[] = [];
  readonly superseded = new Set<string>();
  entered = 0;

  enter(cancels: boolean): void {
    const runId = String(this.entered++);
    const admission = admit(this.members, cancels);
    if (admission.kind === "supersede") {
      for (const id of admission.runs) this.superseded.add(id);
      this.members = this.members.map((member) =>
        admission.runs.includes(member.runId) ? { ...member, isSuperseded: true } : member,
      );
    }
    const isAdmitted = admission.kind === "start";
    if (isAdmitted) this.started.push(runId);
    this.members.push({ runId, isAdmitted, isSuperseded: false });
    this.startNext();
  }

  /** A run that is at work, or was superseded, ends. */
  end(which: number): void {
    const able = this.members.filter(({ isAdmitted, isSuperseded }) => isAdmitted || isSuperseded);
    const ended = able[which % Math.max(able.length, 1)];
    this.members = this.members.filter((member) => member !== ended);
    this.startNext();
  }

  startNext(): void {
    const next = nextToStart(this.members);
    if (next === null) return;
    this.started.push(next);
    this.members = this.members.map((member) => (member.runId === next ? { ...member, isAdmitted: true } : member));
  }
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("enter" as const), cancels: fc.boolean() }),
    fc.record({ kind: fc.constant("end" as const), which: fc.nat(5) }),
  ),
  { maxLength: 60 },
);

describe("whatever enters and ends", () => {
  test("one run is at work at most, they start in order, and none is forgotten", () => {
    fc.assert(
      fc.property(steps, (all) => {
        const group = new Group();
        for (const step of all) {
          if (step.kind === "enter") group.enter(step.cancels);
          else group.end(step.which);
          expect(group.members.filter(({ isAdmitted }) => isAdmitted).length).toBeLessThanOrEqual(1);
          // Somebody waits only while somebody else is at work.
          const isIdle = group.members.every(({ isAdmitted }) => !isAdmitted);
          if (isIdle) expect(group.members.every(({ isSuperseded }) => isSuperseded)).toBe(true);
        }
        while (group.members.length > 0) group.end(0);
        const numbers = group.started.map(Number);
        expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
        expect(new Set(numbers).size).toBe(numbers.length);
        for (let run = 0; run < group.entered; run += 1) {
          expect(numbers.includes(run) || group.superseded.has(String(run))).toBe(true);
        }
      }),
    );
  });

  test("without cancelling every run starts", () => {
    fc.assert(
      fc.property(steps, (all) => {
        const group = new Group();
        for (const step of all) {
          if (step.kind === "enter") group.enter(false);
          else group.end(step.which);
        }
        while (group.members.length > 0) group.end(0);
        expect(group.started).toEqual(Array.from({ length: group.entered }, (_, run) => String(run)));
      }),
    );
  });

  test("with cancelling at most one run waits", () => {
    fc.assert(
      fc.property(steps, (all) => {
        const group = new Group();
        for (const step of all) {
          if (step.kind === "enter") group.enter(true);
          else group.end(step.which);
          const waits = group.members.filter(({ isAdmitted, isSuperseded }) => !isAdmitted && !isSuperseded);
          expect(waits.length).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});
