import { lstat, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { spawnCli } from "../../testing/spawn-cli.ts";
import { temporaryProject } from "../../testing/temporary-project.ts";

describe("waybill init", () => {
  test("writes a file that lints clean and runs, even where there is nothing", async () => {
    const cwd = await temporaryProject();
    const { exitCode, stdout } = await spawnCli(["init"], { cwd });
    expect(exitCode).toBe(0);
    expect(stdout).toContain("Wrote waybill.yaml");
    const run = await spawnCli(["run"], { cwd });
    expect(run.exitCode).toBe(0);
    expect(run.stdout).toContain("hello | Hello from Waybill");
  });

  test("does not touch a file that exists", async () => {
    for (const name of ["waybill.yaml", ".waybill.yaml"]) {
      const cwd = await temporaryProject({ [name]: "mine" });
      const { exitCode, stderr } = await spawnCli(["init"], { cwd });
      expect(exitCode).toBe(2);
      expect(stderr).toContain(`error[CLI_FILE_EXISTS]: ${name} exists already`);
      expect(await readFile(join(cwd, name), "utf8")).toBe("mine");
    }
  });

  test("does not write through a link, not even one to nowhere", async () => {
    const cwd = await temporaryProject({ "outside.txt": "precious" });
    await symlink("outside.txt", join(cwd, "waybill.yaml"));
    expect((await spawnCli(["init"], { cwd })).exitCode).toBe(2);
    expect((await spawnCli(["init", "--force"], { cwd })).exitCode).toBe(0);
    expect(await readFile(join(cwd, "outside.txt"), "utf8")).toBe("precious");
    expect((await lstat(join(cwd, "waybill.yaml"))).isFile()).toBe(true);
  });

  test("replaces a file with --force", async () => {
    const cwd = await temporaryProject({ "waybill.yaml": "mine" });
    expect((await spawnCli(["init", "--force"], { cwd })).exitCode).toBe(0);
    expect(await readFile(join(cwd, "waybill.yaml"), "utf8")).toContain("jobs:");
  });

  test("prints the file instead with --stdout", async () => {
    const cwd = await temporaryProject({ "go.mod": "module m\n" });
    const { stdout } = await spawnCli(["init", "--stdout"], { cwd });
    expect((await spawnCli(["lint", "-"], { cwd, input: stdout })).exitCode).toBe(0);
    await expect(lstat(join(cwd, "waybill.yaml"))).rejects.toThrow("ENOENT");
  });

  test("tells a program what it found", async () => {
    const cwd = await temporaryProject({ "go.mod": "module m\n", Dockerfile: "FROM scratch\n" });
    const { stdout } = await spawnCli(["init", "--json"], { cwd });
    expect(JSON.parse(stdout)).toMatchObject({
      file: "waybill.yaml",
      jobs: [
        { name: "go", because: "go.mod" },
        { name: "image", because: "Dockerfile" },
      ],
    });
  });
});
