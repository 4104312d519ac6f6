import { lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { DockerJobs } from "../../../../test/support/docker-jobs.ts";
import { describeWith } from "../../../../test/support/requires.ts";

const isRoot = process.getuid?.() === 0;
const GROUPS = "/sys/fs/cgroup";

describeWith("docker", "a job in a container", () => {
  it("has no capability, gains none, and is filtered", async () => {
    const jobs = await DockerJobs.open();
    const { output } = await jobs.run("grep -E '^(Cap(Prm|Eff|Bnd)|NoNewPrivs|Seccomp):' /proc/self/status");
    const fields = Object.fromEntries(output.split("\n").map((line) => line.split(":\t")));
    const none = "0000000000000000";
    expect(fields).toMatchObject({ CapPrm: none, CapEff: none, CapBnd: none, NoNewPrivs: "1", Seccomp: "2" });
  });

  it("is an ordinary user that owns its workspace, its home and its temporary directory", async () => {
    const jobs = await DockerJobs.open();
    mkdirSync(join(jobs.workspace, "sub"));
    writeFileSync(join(jobs.workspace, "sub/file"), "");
    writeFileSync(join(jobs.root, "outside"), "");
    symlinkSync("../outside", join(jobs.workspace, "link"));
    const before = lstatSync(join(jobs.root, "outside")).uid;
    const script =
      'id -u; echo x >>sub/file; echo y >"$HOME/file"; echo z >"$TMPDIR/file"; touch /bin/new 2>/dev/null || echo refused';
    const { output, end } = await jobs.run(script);
    expect(end).toMatchObject({ exitCode: 0 });
    expect(output).toMatch(isRoot ? /^1000\n/ : new RegExp(`^${process.getuid?.()}\n`));
    expect(output).toContain("refused");
    expect(lstatSync(join(jobs.root, "outside")).uid).toBe(before);
  });

  it("sees the image's environment below its own and nothing of Waybill's", async () => {
    process.env["WAYBILL_TEST_MARKER"] = "of the host";
    const jobs = await DockerJobs.open();
    const { output } = await jobs.run("env");
    const names = output.replaceAll(/=.*/g, "").trim().split("\n");
    const ofTheShell = new Set(["OLDPWD", "PWD", "SHLVL", "_", "HOSTNAME"]);
    const expected = [
      "CI",
      "FROM_IMAGE",
      "HOME",
      "PATH",
      "TMPDIR",
      "WAYBILL",
      "WAYBILL_EXECUTION_ID",
      "WAYBILL_OUTPUT",
    ];
    expect(names.filter((name) => !ofTheShell.has(name)).toSorted()).toEqual(expected);
  });

  it("sees no process, no device and no socket of the machine", async () => {
    const jobs = await DockerJobs.open();
    const script = "ls -d /proc/[0-9]* | wc -l; ls /dev; ls /var/run/docker.sock /dev/sda /dev/vda 2>&1; exit 0";
    const { output } = await jobs.run(script);
    expect(Number(output.split("\n")[0])).toBeLessThan(8);
    expect(output).toMatch(/docker\.sock.*No such file/);
    expect(output).not.toMatch(/^(?:sd|vd|nvme|mem|kmsg)/m);
  });

  it("cannot mount, nor make name spaces", async () => {
    const jobs = await DockerJobs.open();
    const script =
      "mount -t tmpfs none /tmp 2>/dev/null && echo mounted; unshare -U true 2>/dev/null && echo unshared; exit 0";
    expect((await jobs.run(script)).output).toBe("");
  });

  it("reaches neither its record nor another's files", async () => {
    const jobs = await DockerJobs.open();
    const { output } = await jobs.run("ls -a /waybill; find / -name '*execution.json' 2>/dev/null");
    expect(output.split("\n").filter((name) => name.includes("execution.json"))).toEqual([]);
  });

  it("is root where the job says so, with few capabilities, and what it makes can be removed", async () => {
    const jobs = await DockerJobs.open();
    const spec = jobs.spec({ place: { isolation: { user: "root" } } });
    const script = "id -u; grep CapEff /proc/self/status; mkdir -p a/b; echo x >a/b/c; chmod 700 a; chown 5:5 a";
    const { output, end } = await jobs.run(script, spec);
    expect(end).toMatchObject({ exitCode: 0 });
    // CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID: bits 0, 1, 3 to 7.
    expect(output).toBe("0\nCapEff:\t00000000000000fb\n");
  });

  it("can write anywhere in its image by default, as root, and only where it may with a read-only root", async () => {
    const jobs = await DockerJobs.open();
    const script =
      "touch /etc/new 2>/dev/null && echo image; touch /tmp/new && echo tmp; touch new && echo workspace; exit 0";
    const writable = jobs.spec({ place: { isolation: { user: "root" } } });
    expect((await jobs.run(script, writable)).output).toBe("image\ntmp\nworkspace\n");
    const readOnly = jobs.spec({ place: { isolation: { user: "root", rootFilesystem: "read_only" } } });
    expect((await jobs.run(script, readOnly)).output).toBe("tmp\nworkspace\n");
  });

  it("has the limits it asks for, and defaults else", async () => {
    const jobs = await DockerJobs.open();
    const script = [
      `cat ${GROUPS}/memory.max ${GROUPS}/memory/memory.limit_in_bytes 2>/dev/null || true`,
      `cat ${GROUPS}/pids.max ${GROUPS}/pids/pids.max 2>/dev/null || true`,
      `cat ${GROUPS}/cpu.max ${GROUPS}/cpu/cpu.cfs_quota_us 2>/dev/null || true`,
      "ulimit -n; ulimit -c",
    ].join("; ");
    const byDefault = await jobs.run(script);
    expect(byDefault.output).toMatch(/^2147483648\n4096\n(?:max \d+|-1)\n\d+\n0\n$/);
    const place = { resources: { memory: 64 * 1024 ** 2, cpus: 0.5, pids: 50 } };
    expect((await jobs.run(script, jobs.spec({ place }))).output).toMatch(/^67108864\n50\n50000(?: 100000)?\n/);
  });

  it.each([
    ["memory", { memory: 3 * 1024 ** 3 }],
    ["cpus", { cpus: 3 }],
    ["pids", { pids: 3000 }],
  ])("is refused more %s than the server allows", async (name, resources) => {
    const jobs = await DockerJobs.open({ maxima: { memory: 1024 ** 3, cpus: 2, pids: 2000 } });
    const refused = { code: "EXECUTOR_LIMIT_EXCEEDED", message: expect.stringContaining(name) as string };
    await expect(jobs.executor.submit(jobs.spec({ place: { resources } }))).rejects.toMatchObject(refused);
  });

  it("is told out of memory where the kernel ended it for that, and a step of its own kill is not", async () => {
    const jobs = await DockerJobs.open();
    const spec = jobs.spec({ place: { resources: { memory: 32 * 1024 ** 2 } } });
    const hungry = "tail /dev/zero";
    expect((await jobs.run(hungry, spec)).end).toMatchObject({ type: "finished", exitCode: 137, outOfMemory: true });
    expect((await jobs.run("kill -KILL $$", spec, 1)).end).toMatchObject({ exitCode: 137, outOfMemory: false });
    const survivor = await jobs.run(`${hungry} || exit 3`, spec, 2);
    expect(survivor.end).toMatchObject({ exitCode: 3, outOfMemory: true });
  });

  it("does not outgrow its number of processes, and can be stopped while it tries", async () => {
    const jobs = await DockerJobs.open();
    const spec = jobs.spec({ place: { resources: { pids: 100 } } });
    await jobs.executor.submit(spec);
    await jobs.start(
      "bomb() { bomb | bomb & }; trap '' TERM; echo ready; bomb; while :; do sleep 1; done 2>/dev/null",
      spec,
    );
    const observing = jobs.result(spec);
    await new Promise((resolve) => setTimeout(resolve, 500));
    await jobs.executor.stopStep(spec.executionId, 100);
    expect((await observing).end).toMatchObject({ type: "finished" });
    expect((await jobs.run("echo next", spec, 1)).output).toBe("next\n");
  });

  it("leaves no zombies to the steps after it", async () => {
    const jobs = await DockerJobs.open();
    const spec = jobs.spec({ place: { resources: { pids: 30 } } });
    for (let index = 0; index < 5; index += 1) {
      const { end } = await jobs.run(
        "i=0; while [ $i -lt 15 ]; do (sleep 0.01 &); i=$((i+1)); done; sleep 0.2",
        spec,
        index,
      );
      expect(end).toMatchObject({ exitCode: 0 });
    }
  });

  it("reaches no other job, and nobody where it has no network", async () => {
    const jobs = await DockerJobs.open();
    const server = jobs.spec();
    await jobs.executor.submit(server);
    const address = "grep -A1 LOCAL /proc/net/fib_trie | cat; cat /proc/net/fib_trie";
    const tables = (await jobs.run(address, server)).output;
    const own = /(172|192|10)\.\d+\.\d+\.\d+(?=\n\s+\/32 host LOCAL)/.exec(tables)?.[0] ?? "";
    expect(own).not.toBe("");
    const connect = `timeout 2 bash -c 'echo >/dev/tcp/${own}/9' 2>&1; echo "status $?"`;
    // Nobody listens: who gets through is refused at once, who does not waits in vain or has no way there.
    expect((await jobs.run(connect, server, 1)).output).toContain("refused");
    const other = jobs.spec();
    expect((await jobs.run(connect, other)).output).not.toContain("refused");
    const none = jobs.spec({ place: { isolation: { network: "none" } } });
    expect((await jobs.run(connect, none)).output).toContain("unreachable");
    expect((await jobs.run("ls /sys/class/net", none, 1)).output).toBe("lo\n");
  });

  it("keeps root's files in its workspace within reach of the user Waybill runs as", async () => {
    const jobs = await DockerJobs.open();
    await jobs.run("umask 077; mkdir d; echo x >d/f", jobs.spec());
    expect(readFileSync(join(jobs.workspace, "d/f"), "utf8")).toBe("x\n");
  });
});
