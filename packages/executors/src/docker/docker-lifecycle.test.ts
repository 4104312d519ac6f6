import type { WaybillError } from "@waybill/core";
import { DEFAULT_PLACE } from "@waybill/engine";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, it, vi } from "vitest";
import { importImage, TEST_IMAGE } from "../../../../test/support/docker-daemon.ts";
import { askDaemon, containersBelow, DockerJobs, ownNetworks } from "../../../../test/support/docker-jobs.ts";
import { describeWith } from "../../../../test/support/requires.ts";

/** Moments from the beginning of a job to behind its end, which takes about half a second. */
const MOMENTS_MS = [0, 1, 3, 6, 10, 20, 40, 70, 100, 140, 180, 220, 260, 300, 350, 400, 500];

describeWith("docker", "the containers of a job", () => {
  const socketPath = (): string => (process.env["DOCKER_HOST"] ?? "").slice("unix://".length);

  /** A second image: the first with another mark. */
  async function otherImage(name: string): Promise<void> {
    const created = (await askDaemon(
      `/commit?${new URLSearchParams({ container: await stopped(), repo: name, changes: "ENV FROM_IMAGE=other" }).toString()}`,
      "POST",
    )) as { readonly Id: string };
    expect(created.Id).toMatch(/^sha256:/);
  }

  /** A container that never ran, to make images of. */
  async function stopped(): Promise<string> {
    const jobs = await DockerJobs.open();
    const spec = jobs.spec();
    await jobs.executor.submit(spec);
    return (await containersBelow(jobs.root))[0]?.slice(1) ?? "";
  }

  it("share one workspace where steps name two images, and steps of one image share a container", async () => {
    const name = "waybill-test:other";
    await otherImage(name);
    const jobs = await DockerJobs.open();
    const spec = jobs.spec({ images: [TEST_IMAGE, name, TEST_IMAGE, name] });
    const script = 'echo "$FROM_IMAGE" >>log; touch /tmp/mark 2>/dev/null; ls /tmp; cat log';
    expect((await jobs.run(script, spec, 0)).output).toBe("mark\nyes\n");
    expect(await containersBelow(jobs.root)).toHaveLength(1);
    expect((await jobs.run("echo other >>log; cat log", spec, 1)).output).toBe("yes\nother\n");
    expect((await jobs.run("ls /tmp", spec, 2)).output).toBe("mark\n");
    expect((await jobs.run("ls /tmp; echo $FROM_IMAGE", spec, 3)).output).toBe("other\n");
    expect(await containersBelow(jobs.root)).toHaveLength(2);
    expect(await jobs.executor.list()).toEqual([{ executionId: spec.executionId, state: "idle" }]);
    const later = jobs.open();
    expect((await later.status(spec.executionId)).state).toBe("idle");
    await later.close(spec.executionId);
    expect(await containersBelow(jobs.root)).toEqual([]);
    expect(readdirSync(join(jobs.root, "executions"))).toEqual([]);
  });

  it("all go where the record that leads to them is unreadable", async () => {
    const name = "waybill-test:other2";
    await otherImage(name);
    const jobs = await DockerJobs.open();
    const spec = jobs.spec({ images: [TEST_IMAGE, name] });
    await jobs.run("true", spec, 0);
    await jobs.run("true", spec, 1);
    writeFileSync(join(jobs.root, "executions", `${spec.executionId}@execution.json`), "{");
    await jobs.open().close(spec.executionId);
    expect(await containersBelow(jobs.root)).toEqual([]);
  });

  it("leave nothing behind at whatever moment they are closed", { timeout: 120_000 }, async () => {
    const jobs = await DockerJobs.open();
    for (const delayMs of MOMENTS_MS) {
      const spec = jobs.spec();
      const job = (async (): Promise<void> => {
        await jobs.executor.submit(spec);
        await jobs.start("sleep 0.1; (sleep 1000 &)", spec);
        await jobs.result(spec);
      })();
      job.catch(() => undefined);
      await setTimeout(delayMs);
      await jobs.executor.close(spec.executionId);
      const error: unknown = await job.then(
        () => null,
        (failure: unknown) => failure,
      );
      // Closed between being there and its first step it is unknown, before that it never came about.
      if (error !== null) expect((error as WaybillError).code).toMatch(/^EXECUTOR_(?:LOST|UNKNOWN|STEP_UNKNOWN)$/);
      expect({ delayMs, left: await containersBelow(jobs.root) }).toEqual({ delayMs, left: [] });
      expect(readdirSync(join(jobs.root, "executions"))).toEqual([]);
    }
    await jobs.executor[Symbol.asyncDispose]();
    expect(await ownNetworks()).toEqual([]);
  });

  it("leave nothing behind where our process was killed at any moment", { timeout: 120_000 }, async () => {
    const root = mkdtempSync(join(tmpdir(), "waybill-killed-"));
    try {
      mkdirSync(join(root, "workspace"));
      const program = `
        const { openExecutor } = await import(${JSON.stringify(new URL("docker-executor.fixture.ts", import.meta.url).href)});
        const executor = openExecutor(${JSON.stringify(join(root, "executions"))});
        console.log("ready");
        await executor.submit(JSON.parse(process.argv[1]));
        setInterval(() => undefined, 1000);`;
      for (const [number, delayMs] of [0, 20, 60, 120, 200, 300, 600].entries()) {
        const about = { executionId: `k-${number}`, runId: "run", jobName: "job", attempt: 1, images: [] };
        const spec = { ...about, workspace: join(root, "workspace"), place: DEFAULT_PLACE };
        const child = spawn(process.execPath, ["--input-type=module", "-e", program, JSON.stringify(spec)], {
          stdio: ["ignore", "pipe", "inherit"],
        });
        await once(child.stdout, "data");
        await setTimeout(delayMs);
        child.kill("SIGKILL");
        await once(child, "close");
      }
      // What the daemon was still asked to make is made by now.
      await setTimeout(1000);
      const { openExecutor } = await import("./docker-executor.fixture.ts");
      const executor = openExecutor(join(root, "executions"));
      for (const { executionId } of await executor.list()) await executor.close(executionId);
      const jobs = await DockerJobs.open();
      await jobs.run("true");
      expect(await containersBelow(root)).toEqual([]);
      expect(readdirSync(join(root, "executions"))).toEqual([]);
      // The first job of a process removes the networks of those that are no more.
      await vi.waitFor(async () => {
        const filters = encodeURIComponent(JSON.stringify({ label: ["waybill.owner"] }));
        const networks = (await askDaemon(`/networks?filters=${filters}`)) as { Labels: Record<string, string> }[];
        const owners = networks.map(({ Labels: labels }) => Number(labels["waybill.owner"]?.split(" ")[0]));
        expect(owners.filter((pid) => !existsSync(`/proc/${pid}`))).toEqual([]);
      }, 10_000);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });

  it("leave no network that a slow daemon made for a killed process after they had cleared away", async () => {
    const jobs = await DockerJobs.open();
    await jobs.run("true");
    const name = `waybill-net-late-${process.pid}`;
    const labels = { "waybill.owner": "999999999 1" };
    const body = { Name: name, Driver: "bridge", Labels: labels };
    expect(await askDaemon("/networks/create", "POST", undefined, body)).toHaveProperty("Id");
    await jobs.executor[Symbol.asyncDispose]();
    expect(await askDaemon(`/networks/${name}`)).toHaveProperty("message", expect.stringContaining("not found"));
  });

  it("are lost where somebody removes one, and say so", async () => {
    const jobs = await DockerJobs.open();
    const spec = jobs.spec();
    await jobs.executor.submit(spec);
    await jobs.start("sleep 1000", spec);
    const observing = jobs.result(spec);
    const [name = ""] = await containersBelow(jobs.root);
    await askDaemon(`/containers${name}?force=1`, "DELETE");
    expect((await observing).end).toMatchObject({
      type: "lost",
      detail: expect.stringContaining("container") as string,
    });
    expect((await jobs.executor.status(spec.executionId)).state).toBe("lost");
  });

  it("make a new network where somebody removed the one that was kept", async () => {
    const jobs = await DockerJobs.open();
    await jobs.run("true");
    const [spec] = await jobs.executor.list();
    await jobs.executor.close(spec?.executionId ?? "");
    const networks = await ownNetworks();
    expect(networks.length).toBeGreaterThan(0);
    for (const name of networks) await askDaemon(`/networks/${name}`, "DELETE");
    expect((await jobs.run("echo fine")).output).toBe("fine\n");
  });

  it("is refused by name where the image has no shell", async () => {
    const jobs = await DockerJobs.open();
    mkdirSync(join(jobs.root, "empty"));
    writeFileSync(join(jobs.root, "empty/file"), "");
    await importImage(socketPath(), join(jobs.root, "empty"), "waybill-test:no-shell");
    const submitting = jobs.executor.submit(jobs.spec({ images: ["waybill-test:no-shell"] }));
    await expect(submitting).rejects.toMatchObject({
      code: "IMAGE_SHELL_MISSING",
      message: 'The image "waybill-test:no-shell" cannot run steps: it has no /bin/sh.',
    });
    expect(await containersBelow(jobs.root)).toEqual([]);
  });

  it("takes an id with its own separator for none", async () => {
    const jobs = await DockerJobs.open();
    const submitting = jobs.executor.submit(jobs.spec({ executionId: "a~1" }));
    await expect(submitting).rejects.toMatchObject({ code: "EXECUTOR_INVALID_ID" });
  });
});
