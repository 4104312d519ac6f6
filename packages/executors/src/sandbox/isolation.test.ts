import { systemClock } from "@waybill/core";
import { DEFAULT_PLACE, NO_OUTPUT, type Executor, type JobPlace, type Observation } from "@waybill/engine";

import { randomUUID } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { describeWith } from "../../../../test/support/requires.ts";
import { sandboxExecutor } from "./sandbox-executor.ts";

const isRoot = process.getuid?.() === 0;

describeWith("bubblewrap", "inside a sandbox", () => {
  let root: string;
  let workspace: string;
  let executor: Executor & AsyncDisposable;
  let open: string[];

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "waybill-sandbox-"));
    workspace = join(root, "workspace");
    mkdirSync(workspace);
    open = [];
    executor = sandboxExecutor({ directory: join(root, "state"), hostEnvironment: process.env, clock: systemClock });
  });

  afterEach(async () => {
    for (const id of open) await executor.close(id);
    await executor[Symbol.asyncDispose]();
    rmSync(root, { recursive: true, force: true });
  });

  async function submit(place: JobPlace = DEFAULT_PLACE, where = workspace): Promise<string> {
    const executionId = `x-${randomUUID()}`;
    open.push(executionId);
    const spec = { executionId, runId: "run", jobName: "job", attempt: 1, workspace: where, images: [], place };
    await executor.submit(spec);
    return executionId;
  }

  async function step(executionId: string, script: string, index = 0): Promise<Result> {
    const reference = { index, attempt: 1 };
    const spec = { ...reference, name: "step", image: null, environment: {}, workingDirectory: "/workspace" };
    await executor.startStep(executionId, { ...spec, script: [script] });
    return await all(executor.observeStep(executionId, reference, NO_OUTPUT));
  }

  async function run(script: string, place: JobPlace = DEFAULT_PLACE): Promise<Result> {
    return await step(await submit(place), script);
  }

  const secrets = [
    ...["/root/.ssh", "/home/*", "/etc/shadow", "/etc/gshadow", "/etc/sudoers", "/etc/ssl/private/*"],
    ...["/etc/ssh/*_key", "/var/run/docker.sock", "/run/docker.sock", "/var/lib", "/var/log", "/boot", "/sys/kernel"],
  ];

  it.each(secrets)("cannot read %s", async (path) => {
    const { stdout } = await run(
      `for f in ${path}; do head -c1 "$f" 2>/dev/null && echo readable; ls "$f"/* ; done; :`,
    );
    expect(stdout).toBe("");
  });

  it("sees nothing of the home directory of whoever runs it but what the search path names", async () => {
    const home = join(root, "home");
    for (const folder of [".ssh", "node/bin", "node/lib", "plain/bin"])
      mkdirSync(join(home, folder), { recursive: true });
    writeFileSync(join(home, ".ssh/id_rsa"), "private");
    writeFileSync(join(home, "plain/credentials"), "private");
    writeFileSync(join(home, "node/lib/code"), "library");
    for (const tool of ["node/bin/tool", "plain/bin/other"]) {
      writeFileSync(join(home, tool), "#!/bin/sh\necho it works\n", { mode: 0o755 });
    }
    for (let path = home; path !== root; path = dirname(path)) chmodSync(path, 0o700);
    const PATH = `${home}/node/bin:${home}/plain/bin:${home}:${process.env["PATH"]}`;
    await executor[Symbol.asyncDispose]();
    const options = { directory: join(root, "state"), homeDirectory: home, clock: systemClock };
    executor = sandboxExecutor({ ...options, hostEnvironment: { PATH } });
    const { stdout } = await run(`tool; other; cd ${home}; find . -type f | sort`);
    expect(stdout).toBe("it works\nit works\n./node/bin/tool\n./node/lib/code\n./plain/bin/other\n");
  });

  it("sees no state of other executions", async () => {
    await submit();
    const { stdout } = await run(`find / -xdev -path '*${root}*' 2>/dev/null; grep -c x- /proc/*/cmdline; :`);
    expect(stdout).not.toContain(root);
  });

  it("sees its own processes and no others", async () => {
    const { stdout } = await run("for p in /proc/[0-9]*; do cat $p/stat | cut -d' ' -f2; done | sort -u");
    expect(
      stdout
        .trim()
        .split("\n")
        .filter((name) => !["(sh)", "(cat)", "(cut)", "(sort)", "(bash)"].includes(name)),
    ).toEqual([]);
  });

  it("cannot signal its supervisor, nor anything of the host", async () => {
    const { stdout } = await run(`kill -9 1; kill -9 ${process.pid} 2>/dev/null || echo refused`);
    expect(stdout).toBe("refused\n");
    const id = open[0] as string;
    expect(await step(id, "echo alive", 1)).toMatchObject({ stdout: "alive\n" });
  });

  it("has no privileges and cannot get any", async () => {
    const { stdout } = await run("grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status; id -u; id -G");
    expect(
      stdout
        .replaceAll(/[\t ]+/g, " ")
        .trim()
        .split("\n"),
    ).toEqual([
      ...["CapInh: 0000000000000000", "CapPrm: 0000000000000000", "CapEff: 0000000000000000"],
      ...["CapBnd: 0000000000000000", "CapAmb: 0000000000000000", "NoNewPrivs: 1", "Seccomp: 2", "1000"],
      expect.stringMatching(/^1000/),
    ]);
  });

  it("is root with few privileges where the job asks for it, and nobody outside", async () => {
    const place = { ...DEFAULT_PLACE, isolation: { ...DEFAULT_PLACE.isolation, user: "root" as const } };
    const script =
      "id -u; touch file; stat -c %u file; cat /etc/shadow /dev/kmsg 2>&1 | wc -l; grep CapEff /proc/self/status";
    const { stdout } = await run(`${script}; mount -t tmpfs x /tmp 2>/dev/null || echo no mount`, place);
    const [uid, owner, , effective, mount] = stdout.trim().split("\n");
    expect([uid, owner, mount]).toEqual(["0", "0", "no mount"]);
    const bits = BigInt(`0x${effective?.split("\t")[1]}`);
    // SYS_ADMIN, SYS_PTRACE, NET_ADMIN, MKNOD.
    for (const bit of [21n, 19n, 12n, 27n]) expect(bits & (1n << bit)).toBe(0n);
  });

  if (isRoot) {
    it("cannot read what only root may, wherever it is shown", async () => {
      const secret = join("/opt", `waybill-test-${randomUUID()}`);
      writeFileSync(secret, "for root only", { mode: 0o600 });
      try {
        for (const user of ["default", "root"] as const) {
          const place = { ...DEFAULT_PLACE, isolation: { ...DEFAULT_PLACE.isolation, user } };
          const { stdout } = await run(`ls ${secret}; cat ${secret} || echo refused`, place);
          expect(stdout).toBe(`${secret}\nrefused\n`);
        }
      } finally {
        rmSync(secret);
      }
    });
  }

  it("can write to its workspace, temporary and home directories only", async () => {
    const places = "/ /usr /usr/local /etc /opt /var /run /run/waybill /dev /proc /root";
    const script = `for d in ${places} /workspace /tmp "$HOME" /dev/shm /var/tmp; do
      (echo x >"$d/probe") 2>/dev/null && echo "$d"; done; :`;
    const { stdout } = await run(script);
    expect(stdout).toBe("/workspace\n/tmp\n/home\n/dev/shm\n/var/tmp\n");
  });

  it("cannot change the kernel's settings", async () => {
    const files = "/proc/sys/kernel/core_pattern /proc/sys/kernel/hostname /proc/sysrq-trigger";
    const { stdout } = await run(`for f in ${files}; do (echo x >$f) 2>/dev/null && echo $f; done; :`);
    expect(stdout).toBe("");
  });

  it("owns its workspace inside, and we own it outside", async () => {
    writeFileSync(join(workspace, "given"), "");
    const id = await submit();
    const { stdout } = await step(
      id,
      "stat -c %u . given; mkdir -p a/b; echo x >a/b/c; ln -s /etc/passwd link; chmod u+s a/b/c",
    );
    expect(stdout).toBe("1000\n1000\n");
    await executor.close(id);
    for (const path of [".", "given", "a", "a/b", "a/b/c"]) {
      expect(statSync(join(workspace, path)).uid).toBe(process.getuid?.());
    }
    expect(statSync("/etc/passwd").uid).toBe(0);
    if (isRoot) expect(statSync(join(workspace, "a/b/c")).mode & 0o4000).toBe(0);
  });

  it("reaches the network by default, and with none only itself", async () => {
    const server = createServer((socket) => socket.end("hello"));
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const script = `bash -c 'cat </dev/tcp/127.0.0.1/${port}' 2>/dev/null || echo unreachable; cut -d: -f1 -s /proc/net/dev | tr -d ' '`;
    try {
      const none = { ...DEFAULT_PLACE, isolation: { ...DEFAULT_PLACE.isolation, network: "none" as const } };
      expect((await run(script)).stdout).toMatch(/^hello/);
      expect((await run(script, none)).stdout).toBe("unreachable\nlo\n");
    } finally {
      server.close();
    }
  });

  it("sees nothing of a job beside it", async () => {
    const other = join(root, "other");
    mkdirSync(other);
    const [first, second] = [await submit(), await submit(DEFAULT_PLACE, other)];
    await step(first, "echo secret >/tmp/mine; echo secret >$HOME/mine; echo secret >/dev/shm/mine; sleep 1000 & :");
    const { stdout } = await step(
      second,
      "cat /tmp/mine $HOME/mine /dev/shm/mine 2>/dev/null; pgrep sleep; ls /workspace; :",
    );
    expect(stdout).toBe("");
  });

  it("cannot make user namespaces, or call what the filter lists", async () => {
    const { stdout } = await run(`unshare --user true 2>&1 || echo refused
      command -v perl >/dev/null || exit 0
      perl -e 'syscall(${process.arch === "x64" ? 250 : 219}, 0, -3, 0); print "$!\\n"'
      perl -e 'my $x = "x"; ioctl(STDERR, 0x5412, $x); print "$!\\n"'
      perl -e 'print fork() >= 0 ? "forks\\n" : "no fork\\n"; wait' | sort -u`);
    expect(stdout.split("\n").slice(0, 5)).toEqual([
      expect.stringContaining("Operation not permitted"),
      "refused",
      ...(stdout.includes("forks") ? ["Operation not permitted", "Operation not permitted", "forks"] : [""]),
    ]);
  });

  it("gets an environment of its own and a user with a name", async () => {
    const { stdout } = await run('echo "$HOME $USER $TMPDIR"; id -un; cd && pwd');
    expect(stdout).toBe("/home waybill /tmp\nwaybill\n/home\n");
  });

  it("contains a fork bomb", async () => {
    const place = { ...DEFAULT_PLACE, resources: { ...DEFAULT_PLACE.resources, pids: 30 } };
    const script = "i=0; while [ $i -lt 100 ]; do sleep 1000 & i=$((i+1)); done; echo all";
    const { stdout, stderr } = await run(script, place);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/fork/i);
  });

  it("may do to the files that drive it what harms itself alone", async () => {
    const id = await submit();
    const script = "cd /run/waybill/control; ls ..; cat ../*.json || :; ln -s /etc/passwd 1-1.env; ls";
    const { stdout } = await step(id, script);
    expect(stdout).not.toContain("executionId");
    const [line] = readFileSync("/etc/passwd", "utf8").split("\n");
    expect(await step(id, "head -1 /proc/1/status", 1)).toMatchObject({ end: { exitCode: 0 } });
    expect(readFileSync("/etc/passwd", "utf8").split("\n")[0]).toBe(line);
  });

  it("leaves no process, no directory and no group behind, also when we died meanwhile", async () => {
    const id = await submit();
    const { stdout } = await step(id, "setsid sleep 424242 & echo started");
    expect(stdout).toBe("started\n");
    const again = sandboxExecutor({ directory: join(root, "state"), hostEnvironment: process.env, clock: systemClock });
    await again.close(id);
    expect(await again.list()).toEqual([]);
    const left = readdirSync("/proc").filter((pid) => commandOf(pid).includes("424242"));
    expect(left).toEqual([]);
  });

  it("ends a sandbox whose outer process was killed", async () => {
    const id = await submit();
    const duration = String(500_000 + Math.floor(Math.random() * 100_000));
    const running = step(id, `sleep ${duration}`);
    await until(() => readdirSync("/proc").some((pid) => commandOf(pid).includes(duration)));
    const outer = readdirSync("/proc").find(
      (pid) => environmentOf(pid).includes(id) && commandOf(pid).includes("bwrap"),
    );
    process.kill(Number(outer), "SIGKILL");
    expect((await running).end).toMatchObject({ type: "lost" });
    await executor.close(id);
    expect(readdirSync("/proc").filter((pid) => commandOf(pid).includes(duration))).toEqual([]);
  });

  it("says what bubblewrap failed at", async () => {
    await executor[Symbol.asyncDispose]();
    const program = join(root, "bwrap");
    writeFileSync(program, "#!/bin/sh\necho 'bwrap: no walls today'\nexit 1\n", { mode: 0o755 });
    const options = { directory: join(root, "state"), hostEnvironment: process.env, clock: systemClock };
    executor = sandboxExecutor({ ...options, program });
    const failing = submit();
    await expect(failing).rejects.toMatchObject({
      code: "EXECUTOR_SANDBOX_FAILED",
      message: expect.stringContaining("no walls today") as string,
    });
    expect(await executor.list()).toEqual([]);
  });

  it("refuses an image that nobody imported", async () => {
    const spec = { executionId: "x", runId: "run", jobName: "job", attempt: 1, workspace, place: DEFAULT_PLACE };
    const submitting = executor.submit({ ...spec, images: ["no/such:image"] });
    await expect(submitting).rejects.toMatchObject({ code: "EXECUTOR_IMAGE_MISSING" });
  });

  it("does not follow a link in its workspace when that is handed back", async () => {
    const target = join(root, "target");
    writeFileSync(target, "");
    symlinkSync(target, join(workspace, "link"));
    const id = await submit();
    await step(id, "mkdir d; mv link d; ln -s / d/root");
    await executor.close(id);
    expect(existsSync(target)).toBe(true);
    expect(statSync(target).uid).toBe(process.getuid?.());
  });
});

interface Result {
  readonly stdout: string;
  readonly stderr: string;
  readonly end: Observation | undefined;
}

async function all(observations: AsyncIterable<Observation>): Promise<Result> {
  const printed = { stdout: "", stderr: "" };
  let end: Observation | undefined;
  for await (const observation of observations) {
    if (observation.type === "output") printed[observation.stream] += observation.data.toString();
    else end = observation;
  }
  return { ...printed, end };
}

function commandOf(pid: string): string {
  return readProc(pid, "cmdline");
}

function environmentOf(pid: string): string {
  return readProc(pid, "environ");
}

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch {
    return "";
  }
}

async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 20_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error("What was waited for did not happen.");
    await new Promise((resolve) => void setTimeout(resolve, 5));
  }
}
