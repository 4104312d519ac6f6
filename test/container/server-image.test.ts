import { randomUUID } from "node:crypto";
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { repositoryRoot } from "../support/repository.ts";
import { describeWith } from "../support/requires.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { runCommand } from "../support/waybill.ts";
import { stagesOf } from "./support/dockerfile.ts";
import { ownedDirectory, rootFileSystem } from "./support/root-file-system.ts";

const dockerfile = readFileSync(join(repositoryRoot, "Dockerfile"), "utf8");
const final = stagesOf(dockerfile).at(-1) ?? [];
/** Of the final stage, what needs nothing of a registry. */
const SETTINGS: ReadonlySet<string> = new Set("CMD ENTRYPOINT ENV EXPOSE HEALTHCHECK USER VOLUME WORKDIR".split(" "));
const USER = 10001;
/** Of 200 ms each. */
const LOOKS = 150;

interface Compose {
  readonly services: Readonly<
    Record<
      string,
      { readonly environment: object; readonly secrets: readonly string[]; readonly security_opt?: readonly string[] }
    >
  >;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

function compose(): Compose {
  return parse(readFileSync(join(repositoryRoot, "compose.yaml"), "utf8")) as Compose;
}

async function docker(...args: readonly string[]): Promise<string> {
  const result = await runCommand("docker", args, { cwd: repositoryRoot });
  if (result.exitCode !== 0) throw new Error(`docker ${args.join(" ")}: ${result.stderr}`);
  return result.stdout.trim();
}

/** An image with the settings of the Dockerfile and programs of this machine. @returns its name */
async function serverImage(programs: readonly string[] = []): Promise<string> {
  const root = join(await temporaryDirectory(), "root");
  rootFileSystem(root, ["node", "git", "sh", "tar", ...programs]);
  cpSync(join(repositoryRoot, "apps/cli/dist"), join(root, "opt/waybill"), { recursive: true });
  ownedDirectory(root, "var/lib/waybill", USER);
  const archive = `${root}.tar`;
  await runCommand("tar", ["-cf", archive, "-C", root, "."], { cwd: repositoryRoot });
  const changes = final
    .filter(({ name }) => SETTINGS.has(name))
    .flatMap(({ name, text }) => ["--change", `${name} ${text}`]);
  const image = `waybill-test-${randomUUID()}`;
  await docker("import", ...changes, archive, image);
  onTestFinished(async () => void (await docker("image", "rm", "--force", image)));
  return image;
}

async function untilHealthy(name: string): Promise<void> {
  for (let look = 0; ; look += 1) {
    const state = JSON.parse(await docker("inspect", "--format", "{{json .State}}", name)) as {
      readonly Running: boolean;
      readonly Health: { readonly Status: string };
    };
    if (state.Running && state.Health.Status === "healthy") return;
    if (!state.Running || look > LOOKS) {
      const { stdout, stderr } = await runCommand("docker", ["logs", name], { cwd: repositoryRoot });
      throw new Error(`it is ${JSON.stringify(state)}: ${stdout}${stderr}`);
    }
    await setTimeout(200);
  }
}

describe("the container of the server", () => {
  test("is made of named images, and ends as a user who is not root", () => {
    expect(dockerfile).toMatch(/^ARG NODE_IMAGE=node:24[\w.-]*$/m);
    expect(final.find(({ name }) => name === "USER")?.text).toBe(`${USER}:${USER}`);
    // A registry's host has a dot or a port before the first slash.
    expect(dockerfile).not.toMatch(/^(?:FROM|ARG \w+=)\s*[\w-]+(?:\.[\w.-]+|:\d+)\//m);
    const users = stagesOf(dockerfile).flatMap((stage) => stage.filter(({ name }) => name === "RUN"));
    expect(users).toHaveLength(2);
  });

  test("is composed with its database without a password in sight", () => {
    const { services, secrets } = compose();
    expect(services["server"]).toMatchObject({
      read_only: true,
      cap_drop: ["ALL"],
      ports: [expect.stringMatching(/^127\.0\.0\.1:/)],
    });
    const wanted = Object.values(services).flatMap((service) => service.secrets);
    expect(wanted.toSorted()).toEqual(Object.keys(secrets).toSorted());
    for (const { environment } of Object.values(services)) {
      for (const [name, value] of Object.entries(environment)) {
        if (/PASSWORD|SECRET|TOKEN|CONFIG/.test(name)) expect(value).toMatch(/^\/run\/secrets\//);
      }
    }
    for (const { file } of Object.values(secrets)) expect(file).toMatch(/^secrets\//);
    expect(readFileSync(join(repositoryRoot, ".gitignore"), "utf8")).toContain("/secrets/\n");
    expect(readFileSync(join(repositoryRoot, ".dockerignore"), "utf8").split("\n")).toContain("*");
  });
});

describeWith("docker", "the container of the server, running", () => {
  test("is healthy as somebody who is not root, on a root that nobody can write, and ends when it is asked to", async () => {
    const image = await serverImage();
    const name = `waybill-test-${randomUUID()}`;
    onTestFinished(async () => void (await runCommand("docker", ["rm", "-fv", name], { cwd: repositoryRoot })));
    const limits = ["--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"];
    const quick = ["--health-interval", "1s", "--network", "none"];
    await docker("run", "--detach", "--init", "--name", name, ...limits, ...quick, image);
    await untilHealthy(name);
    const asked =
      "console.log(process.getuid(), require('node:fs').readdirSync('/var/lib/waybill').includes('waybill.db'))";
    expect(await docker("exec", name, "node", "-e", asked)).toBe(`${USER} true`);
    const write = await runCommand("docker", ["exec", name, "sh", "-c", "echo >/opt/waybill/x"], {
      cwd: repositoryRoot,
    });
    expect(write.exitCode).not.toBe(0);
    const token = await docker("exec", name, "node", "--", "/opt/waybill/waybill.js", "server", "token", "probe");
    expect(token).toMatch(/^wbm_/);
    const list = ["exec", "--env", `WAYBILL_TOKEN=${token}`, name, "node", "--", "/opt/waybill/waybill.js", "list"];
    expect(JSON.parse(await docker(...list, "pipelines", "--json", "--server", "http://127.0.0.1:8080"))).toEqual({
      pipelines: [],
    });
    await docker("stop", "--time", "40", name);
    expect(await docker("inspect", "--format", "{{.State.ExitCode}}", name)).toBe("0");
  });
});

describeWith("docker", "jobs of the container of the server", () => {
  describeWith("bubblewrap", "in sandboxes", () => {
    test("run with what compose.yaml allows", async () => {
      const image = await serverImage(["bwrap", "cat", "mkdir"]);
      const allowed = compose().services["server"]?.security_opt?.flatMap((option) => ["--security-opt", option]) ?? [];
      const pipeline = "{ name: p, jobs: { j: { steps: [{ name: s, script: ['echo in a sandbox'] }] } } }";
      const script = `mkdir p && cd p && echo "${pipeline}" >waybill.yaml && exec node -- /opt/waybill/waybill.js run --executor sandbox`;
      const limits = ["--read-only", "--tmpfs", "/tmp:exec", "--cap-drop", "ALL", "--network", "none", ...allowed];
      const run = ["run", "--rm", "--init", ...limits, "--entrypoint", "sh", image, "-c", script];
      const { stdout, stderr } = await runCommand("docker", run, { cwd: repositoryRoot });
      expect(stdout + stderr).toContain("j | in a sandbox\n");
    });
  });
});
