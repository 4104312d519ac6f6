import type { RunChange } from "@waybill/engine";
import { describe, expect, it } from "vitest";
import { GroupCommit } from "./group-commit.ts";

const CHANGE: RunChange = { jobs: [], steps: [], executions: [], artifacts: [], events: [] };

describe("changes that come together", () => {
  /** What was written, a list for each transaction. */
  function recording(refused: string | null = null): { readonly written: string[][]; readonly group: GroupCommit } {
    const written: string[][] = [];
    const group = new GroupCommit((changes) => {
      const runs = changes.map(({ runId }) => runId);
      if (refused !== null && runs.includes(refused)) return Promise.reject(new Error(`not ${refused}`));
      written.push(runs);
      return Promise.resolve();
    });
    return { written, group };
  }

  it("share a transaction", async () => {
    const { written, group } = recording();
    await Promise.all(["a", "b", "c"].map((run) => group.commit(run, CHANGE)));
    await group.commit("d", CHANGE);
    expect(written).toEqual([["a", "b", "c"], ["d"]]);
  });

  it("are written in their order, some at a time where they are many", async () => {
    const { written, group } = recording();
    const runs = Array.from({ length: 40 }, (_, index) => String(index));
    await Promise.all(runs.map((run) => group.commit(run, CHANGE)));
    expect(written.map(({ length }) => length)).toEqual([16, 16, 8]);
    expect(written.flat()).toEqual(runs);
  });

  it("fail each by itself", async () => {
    const { written, group } = recording("b");
    const outcomes = await Promise.allSettled(["a", "b", "c"].map((run) => group.commit(run, CHANGE)));
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(written).toEqual([["a"], ["c"]]);
  });

  it("fail alone where there is one", async () => {
    await expect(recording("a").group.commit("a", CHANGE)).rejects.toThrow("not a");
  });
});
