import { systemClock } from "@waybill/core";
import { DEFAULT_PLACE, type Observation } from "@waybill/engine";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  importTestImage,
  removeDaemonDirectory,
  startDaemon,
  stopDaemon,
  type TestDaemon,
} from "../../../../test/support/docker-daemon.ts";
import { askDaemon, containersBelow, DockerJobs } from "../../../../test/support/docker-jobs.ts";
import { describeWith } from "../../../../test/support/requires.ts";
import { temporaryDirectory } from "../../../../test/support/temporary-directory.ts";
import { dockerExecutor, probeDocker } from "./docker-executor.ts";

const isRoot = process.getuid?.() === 0;

describe("a Docker daemon that cannot be used", () => {
  it("is told apart by its reason", async () => {
    const root = await temporaryDirectory();
    const nobody = await probeDocker({ environment: { DOCKER_HOST: `unix://${root}/none.sock` } });
    expect(nobody).toMatchObject({ available: false, reason: expect.stringContaining("no such socket") as string });

    writeFileSync(join(root, "stale"), "");
    const stale = createServer().listen(join(root, "stale.sock"));
    await once(stale, "listening");
    stale.close();
    const closed = await probeDocker({ environment: { DOCKER_HOST: "tcp://127.0.0.1:1" } });
    expect(closed).toMatchObject({ available: false, reason: expect.stringContaining("nobody listens") as string });

    const other = createServer((socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    other.listen(join(root, "other.sock"));
    await once(other, "listening");
    onTestFinished(() => void other.close());
    const foreign = await probeDocker({ environment: { DOCKER_HOST: `unix://${root}/other.sock` } });
    expect(foreign).toMatchObject({
      available: false,
      reason: expect.stringContaining("does not answer as") as string,
    });
  });

  it.each([
    ["tcp://build.example.com:2375", "another machine"],
    ["tcp://user:secret@10.0.0.1", "another machine"],
    ["ssh://build@example.com", "not supported"],
    ["https://127.0.0.1:2376", "not supported"],
    ["nonsense", "no address"],
  ])("is refused by its address: %s", async (address, detail) => {
    const answer = await probeDocker({ environment: { DOCKER_HOST: address } });
    expect(answer).toMatchObject({ available: false, reason: expect.stringContaining(detail) as string });
    expect(JSON.stringify(answer)).not.toContain("secret");
  });

  it("leaves nothing of a job that was submitted to it", async () => {
    const root = await temporaryDirectory();
    mkdirSync(join(root, "workspace"));
    const environment = { DOCKER_HOST: `unix://${root}/none.sock` };
    const executor = dockerExecutor({ directory: join(root, "state"), environment, clock: systemClock });
    const about = { executionId: "x", runId: "run", jobName: "job", attempt: 1, images: [], place: DEFAULT_PLACE };
    const submitting = executor.submit({ ...about, workspace: join(root, "workspace") });
    await expect(submitting).rejects.toMatchObject({ code: "DOCKER_UNAVAILABLE" });
  });
});

describeWith("docker", "the Docker daemon", () => {
  it("is found", async () => {
    const answer = await probeDocker({ environment: process.env });
    expect(answer).toMatchObject({ available: true, version: expect.stringMatching(/^\d+\.\d+/) as string });
  });

  it("sees that a supervisor whose owner died waits without work, and ends a step on request", async () => {
    const jobs = await DockerJobs.open();
    const spec = jobs.spec();
    const module = new URL("docker-executor.fixture.ts", import.meta.url).href;
    const program = `
      const { openExecutor } = await import(${JSON.stringify(module)});
      const executor = openExecutor(${JSON.stringify(join(jobs.root, "executions"))});
      await executor.submit(JSON.parse(process.argv[1]));
      console.log("submitted");
      setInterval(() => undefined, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program, JSON.stringify(spec)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    child.kill("SIGKILL");
    await once(child, "close");
    const [name = ""] = await containersBelow(jobs.root);
    const processorTime = async (): Promise<number> => {
      const stats = (await askDaemon(`/containers${name}/stats?stream=0&one-shot=1`)) as {
        readonly cpu_stats: { readonly cpu_usage: { readonly total_usage: number } };
      };
      return stats.cpu_stats.cpu_usage.total_usage / 1e6;
    };
    await setTimeout(1000);
    const before = await processorTime();
    await setTimeout(3000);
    // Milliseconds in three seconds: three times `sleep 1` is started.
    expect((await processorTime()) - before).toBeLessThan(150);
    expect((await jobs.run("echo found", spec)).output).toBe("found\n");
  });
});

/** Starting and ending daemons takes one's own, and that takes root. */
describeWith("docker", "a restart of the Docker daemon", () => {
  if (!isRoot) return;

  async function ownDaemon(
    options: readonly string[],
  ): Promise<{ readonly directory: string; readonly daemon: TestDaemon }> {
    const directory = mkdtempSync(join(realpathSync(tmpdir()), "waybill-dockerd-"));
    const daemon = await startDaemon(directory, options);
    await importTestImage(daemon.socketPath);
    return { directory, daemon };
  }

  it("ends what runs, as lost and with a word about why", { timeout: 180_000 }, async () => {
    const { directory, daemon } = await ownDaemon(["--shutdown-timeout", "1"]);
    try {
      const environment = { DOCKER_HOST: `unix://${daemon.socketPath}` };
      const jobs = await DockerJobs.open({ environment });
      const spec = jobs.spec();
      await jobs.executor.submit(spec);
      await jobs.start("echo ready; sleep 1000", spec);
      const observing = jobs.result(spec);
      await setTimeout(300);
      await stopDaemon(daemon.pid);
      const { end } = await observing;
      expect(end).toMatchObject({ type: "lost", detail: expect.stringContaining("Docker daemon") as string });
      await expect(jobs.executor.submit(jobs.spec())).rejects.toMatchObject({ code: "DOCKER_UNAVAILABLE" });
      const again = await startDaemon(directory);
      expect((await jobs.executor.status(spec.executionId)).state).toBe("lost");
      await jobs.executor.close(spec.executionId);
      expect((await jobs.run("echo back")).output).toBe("back\n");
      for (const { executionId } of await jobs.executor.list()) await jobs.executor.close(executionId);
      await jobs.executor[Symbol.asyncDispose]();
      await stopDaemon(again.pid);
    } finally {
      await removeDaemonDirectory(directory);
    }
  });

  it.each(["SIGTERM", "SIGKILL"] as const)(
    "does not disturb what runs where the daemon is told to let it go on: %s",
    { timeout: 180_000 },
    async (signal) => {
      const { directory, daemon } = await ownDaemon(["--live-restore"]);
      try {
        const environment = { DOCKER_HOST: `unix://${daemon.socketPath}` };
        const jobs = await DockerJobs.open({ environment });
        const spec = jobs.spec();
        await jobs.executor.submit(spec);
        await jobs.start("i=0; while [ $i -lt 60 ]; do i=$((i+1)); echo line $i; sleep 0.1; done; exit 7", spec);
        const observing = jobs.result(spec);
        await setTimeout(1000);
        await stopDaemon(daemon.pid, signal);
        const again = await startDaemon(directory, ["--live-restore"]);
        const { output, end } = await observing;
        expect(output).toBe(Array.from({ length: 60 }, (_, i) => `line ${i + 1}\n`).join(""));
        expect(end).toMatchObject({ type: "finished", exitCode: 7 });
        expect((await jobs.run("echo next", spec, 1)).output).toBe("next\n");
        await jobs.executor.close(spec.executionId);
        expect(await containersBelow(jobs.root, environment.DOCKER_HOST)).toEqual([]);
        await jobs.executor[Symbol.asyncDispose]();
        await stopDaemon(again.pid);
      } finally {
        await removeDaemonDirectory(directory);
      }
    },
  );

  it(
    "and an ordinary user that may use its socket: a job as root leaves files that user can remove",
    { timeout: 180_000 },
    async () => {
      const directory = mkdtempSync(join(realpathSync(tmpdir()), "waybill-user-"));
      const user = 65_534;
      const daemon = await startDaemon(join(directory, "d"));
      try {
        chmodSync(directory, 0o755);
        chmodSync(join(directory, "d"), 0o755);
        chmodSync(daemon.socketPath, 0o666);
        await importTestImage(daemon.socketPath);
        mkdirSync(join(directory, "own/workspace"), { recursive: true });
        for (const path of ["own", "own/workspace"]) chownSync(join(directory, path), user, user);
        const program = `
        const { dockerExecutor } = await import(${JSON.stringify(new URL("docker-executor.ts", import.meta.url).href)});
        const { systemClock } = await import("@waybill/core");
        const [own, host, image] = process.argv.slice(1);
        process.chdir(own);
        process.setgroups([]); process.setgid(${user}); process.setuid(${user});
        const executor = dockerExecutor({ directory: own + "/state", environment: { DOCKER_HOST: host }, clock: systemClock, defaultImage: image });
        const { DEFAULT_PLACE } = await import("@waybill/engine");
        for (const [number, mode] of ["default", "root"].entries()) {
          const place = { ...DEFAULT_PLACE, isolation: { ...DEFAULT_PLACE.isolation, user: mode } };
          const spec = { executionId: mode, runId: "r", jobName: "j", attempt: 1, workspace: own + "/workspace", images: [], place };
          await executor.submit(spec);
          const step = { index: 0, attempt: 1, name: "s", image: null, environment: {}, workingDirectory: "/workspace" };
          await executor.startStep(mode, { ...step, script: ["id -u; umask 077; mkdir -p " + mode + "/a; echo x >" + mode + "/a/b; (setsid sleep 1000 &); echo ready; sleep 1000"] });
          const stop = setTimeout(() => void executor.stopStep(mode, 5000), 1000);
          for await (const each of executor.observeStep(mode, step, { stdout: 0, stderr: 0 })) {
            if (each.type === "output") each.stream === "stdout" && process.stdout.write(each.data);
            else console.log(JSON.stringify({ ...each, time: 0 }));
          }
          await executor.close(mode);
        }
        const { rmSync, readdirSync } = await import("node:fs");
        rmSync(own + "/workspace", { recursive: true });
        console.log(JSON.stringify(readdirSync(own + "/state")));
        await executor[Symbol.asyncDispose]();`;
        const args = [
          "--input-type=module",
          "-e",
          program,
          join(directory, "own"),
          `unix://${daemon.socketPath}`,
          "waybill-test:base",
        ];
        const child = spawn(process.execPath, args, {
          stdio: ["ignore", "pipe", "inherit"],
          cwd: import.meta.dirname,
        });
        let output = "";
        child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
        await once(child, "close");
        const stopped: Partial<Observation> = {
          type: "finished",
          exitCode: null,
          signal: "SIGTERM",
          outOfMemory: false,
          time: 0,
        };
        const end = JSON.stringify(stopped);
        expect(output).toBe(`${user}\nready\n${end}\n0\nready\n${end}\n[]\n`);
        expect(existsSync(join(directory, "own/workspace"))).toBe(false);
      } finally {
        await stopDaemon(daemon.pid);
        await removeDaemonDirectory(join(directory, "d"));
        rmSync(directory, { recursive: true, force: true });
      }
    },
  );
});
