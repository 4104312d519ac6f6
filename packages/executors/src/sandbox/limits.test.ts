import { systemClock } from "@waybill/core";
import { DEFAULT_PLACE, NO_OUTPUT, type JobPlace, type Observation } from "@waybill/engine";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { describeWith } from "../../../../test/support/requires.ts";
import type { MaximumLimits } from "../protocol/limits.ts";
import { LimitGroup } from "./limit-group.ts";
import { LimitGroups } from "./limit-groups.ts";
import { findPlaces } from "./limit-places.ts";
import { sandboxExecutor } from "./sandbox-executor.ts";

const MEBIBYTE = 1024 ** 2;

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "waybill-limits-"));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("where groups with limits are made", () => {
  it("finds the group of each controller in trees of version 1", () => {
    const mounts = [
      "30 29 0:26 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct",
      "31 29 0:27 /docker/1 /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory",
    ].join("\n");
    const own = "5:cpu,cpuacct:/user/me\n4:memory:/docker/1/inner\n0::/\n";
    expect(findPlaces(["memory", "cpu"], own, mounts)).toEqual([
      { controller: "memory", version: 1, parent: "/sys/fs/cgroup/memory/inner" },
      { controller: "cpu", version: 1, parent: "/sys/fs/cgroup/cpu,cpuacct/user/me" },
    ]);
  });

  it("finds the nearest group of version 2 that hands all controllers down", () => {
    mkdirSync(join(root, "user/session"), { recursive: true });
    for (const [file, text] of [
      ["cgroup.subtree_control", "cpu memory"],
      ["user/cgroup.subtree_control", "memory pids"],
      ["user/session/cgroup.subtree_control", ""],
    ] as const) {
      writeFileSync(join(root, file), text);
    }
    const mounts = `30 29 0:26 / ${root} rw,relatime - cgroup2 cgroup2 rw`;
    expect(findPlaces(["memory", "cpu"], "0::/user/session\n", mounts)).toEqual([
      { controller: "memory", version: 2, parent: root },
      { controller: "cpu", version: 2, parent: root },
    ]);
    const memory = findPlaces(["memory"], "0::/user/session\n", mounts);
    expect(memory).toEqual([{ controller: "memory", version: 2, parent: join(root, "user") }]);
  });

  it("finds nothing where there is nothing", () => {
    expect(findPlaces(["memory", "cpu"], "", "")).toEqual([]);
  });
});

describe("what a group of version 2 is told", () => {
  it("writes limits in the kernel's words and counts ends for want of memory", () => {
    const group = new LimitGroup([{ controller: "memory", version: 2, parent: root }], "job");
    group.make({ memory: 64 * MEBIBYTE, cpus: 0.5 });
    expect(readFileSync(join(root, "job/memory.max"), "utf8")).toBe(String(64 * MEBIBYTE));
    expect(group.outOfMemoryCount()).toBe(0);
    writeFileSync(join(root, "job/memory.events"), "low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 0\n");
    expect(group.outOfMemoryCount()).toBe(2);
  });

  it("shares one directory between controllers", () => {
    const places = (["memory", "cpu"] as const).map((controller) => ({
      controller,
      version: 2 as const,
      parent: root,
    }));
    new LimitGroup(places, "job").make({ memory: null, cpus: 1.5 });
    expect(readFileSync(join(root, "job/cpu.max"), "utf8")).toBe("150000 100000");
    expect(existsSync(join(root, "job/memory.max"))).toBe(false);
  });
});

/** Whether this machine lets us keep limits at all. */
function canLimit(): boolean {
  const name = `waybill-probe-${randomUUID()}`;
  try {
    const group = new LimitGroups().make(name, { memory: 64 * MEBIBYTE, cpus: 1 });
    void group.remove();
    return true;
  } catch {
    return false;
  }
}

describeWith("bubblewrap", "limits of a sandbox", () => {
  const limited = canLimit();

  async function run(
    script: string,
    resources: Partial<JobPlace["resources"]>,
    maxima: MaximumLimits = {},
  ): Promise<{ text: string; end: Observation }> {
    const options = { directory: join(root, "state"), hostEnvironment: process.env, clock: systemClock, maxima };
    await using executor = sandboxExecutor(options);
    const workspace = join(root, "workspace");
    mkdirSync(workspace, { recursive: true });
    const executionId = `x-${randomUUID()}`;
    const place = { ...DEFAULT_PLACE, resources: { ...DEFAULT_PLACE.resources, ...resources } };
    try {
      const spec = { executionId, runId: "run", jobName: "job", attempt: 1, workspace, images: [], place };
      await executor.submit(spec);
      const step = { index: 0, attempt: 1, name: "step", image: null, environment: {}, workingDirectory: "/workspace" };
      await executor.startStep(executionId, { ...step, script: [script] });
      let text = "";
      for await (const observation of executor.observeStep(executionId, step, NO_OUTPUT)) {
        if (observation.type !== "output") return { text, end: observation };
        text += observation.data.toString();
      }
      throw new Error("The step had no end.");
    } finally {
      await executor.close(executionId);
    }
  }

  it.each(["memory", "cpus", "pids"] as const)("refuses more %s than the server allows", async (name) => {
    const running = run("true", { [name]: 65 * MEBIBYTE }, { [name]: 64 * MEBIBYTE });
    await expect(running).rejects.toMatchObject({ code: "EXECUTOR_LIMIT_EXCEEDED" });
  });

  it("has no more processes than the server allows, whatever a job says nothing of", async () => {
    expect((await run("ulimit -u 2>/dev/null || ulimit -p", {}, { pids: 77 })).text).toBe("77\n");
  });

  if (limited) {
    it("ends what takes more memory than the server allows", async () => {
      const { end } = await run("tail /dev/zero", {}, { memory: 64 * MEBIBYTE });
      expect(end).toMatchObject({ type: "finished", outOfMemory: true });
    });

    it("ends what takes more memory than the job may, and says why it ended", async () => {
      const hog = `head -c ${300 * MEBIBYTE} /dev/zero | tail -c ${250 * MEBIBYTE} | wc -c`;
      const { end } = await run(`bash -c 'set -o pipefail; ${hog}'`, { memory: 64 * MEBIBYTE });
      expect(end).toMatchObject({ type: "finished", outOfMemory: true });
    });

    it("says nothing of memory where a step fails by itself", async () => {
      const { end } = await run("exit 3", { memory: 64 * MEBIBYTE });
      expect(end).toMatchObject({ exitCode: 3, outOfMemory: false });
    });

    it("slows down what takes more of the processor than the job may", async () => {
      const script = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; cat /proc/self/cgroup; times";
      const start = performance.now();
      await run(script, {});
      const free = performance.now() - start;
      const limitedStart = performance.now();
      await run(script, { cpus: 0.05 });
      expect(performance.now() - limitedStart).toBeGreaterThan(3 * free);
    });

    it("leaves no group behind", async () => {
      await run("true", { memory: 64 * MEBIBYTE, cpus: 1 });
      const mounts = readFileSync("/proc/self/mountinfo", "utf8");
      const places = findPlaces(["memory", "cpu"], readFileSync("/proc/self/cgroup", "utf8"), mounts);
      expect(places.flatMap(({ parent }) => readdirSync(parent).filter((name) => name.startsWith("waybill-")))).toEqual(
        [],
      );
    });
  } else {
    it("refuses a limit that it cannot keep", async () => {
      await expect(run("true", { memory: 64 * MEBIBYTE })).rejects.toMatchObject({
        code: "EXECUTOR_LIMIT_UNAVAILABLE",
      });
    });
  }
});
