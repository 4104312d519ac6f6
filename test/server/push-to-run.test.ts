import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { describeWith } from "../support/requires.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { runCommand } from "../support/waybill.ts";
import { pushedRepository } from "./support/pushed-repository.ts";
import { getJson, postJson, startServer, tokenOf, type ServerProcess } from "./support/server-process.ts";

interface JobOfRun {
  readonly id: string;
  readonly name: string;
  readonly attempts: number;
  readonly artifacts: readonly { readonly id: string }[];
}

async function createPipeline(server: ServerProcess, repositoryUrl: string): Promise<string> {
  const { id: project } = await postJson(`${server.url}/v1/projects`, { name: "shop" });
  const body = { project_id: project, name: "build", repository_url: repositoryUrl };
  return String((await postJson(`${server.url}/v1/pipelines`, body))["id"]);
}

/** The only run of a pipeline, when it has ended. */
async function endOf(server: ServerProcess, pipeline: string): Promise<Record<string, unknown>> {
  for (;;) {
    const { items } = await getJson(`${server.url}/v1/pipelines/${pipeline}/runs`);
    const [run] = items as readonly Record<string, unknown>[];
    if (run !== undefined && run["finished_at"] !== null) return run;
    await setTimeout(20);
  }
}

async function jobsOf(server: ServerProcess, run: unknown): Promise<readonly JobOfRun[]> {
  return (await getJson(`${server.url}/v1/pipeline-runs/${String(run)}/jobs`))["items"] as readonly JobOfRun[];
}

async function logOf(server: ServerProcess, { id }: JobOfRun): Promise<readonly string[]> {
  const { items } = await getJson(`${server.url}/v1/jobs/${id}/logs`);
  return (items as readonly { readonly text: string }[]).map(({ text }) => text);
}

describeWith("git", "waybill server", () => {
  test("a git push starts a run, whose log and artifact are read over HTTP", async () => {
    const root = await temporaryDirectory();
    const server = await startServer(join(root, "data"));
    const repository = await pushedRepository(root, () => server.url);
    const pipeline = await createPipeline(server, repository.url);
    const { sha, printed } = await repository.push({
      "waybill.yaml": `
name: shop
jobs:
  build:
    steps: [{ name: make, script: ["echo building", "tr a-z A-Z <source >app"] }]
    artifacts: { app: [app] }
`,
      source: "content\n",
    });
    expect(printed).toMatch(/remote: waybill: run 1 of build: http:\S+\/runs\/[0-9a-f-]{36}/);
    const run = await endOf(server, pipeline);
    expect(run).toMatchObject({ status: "success", trigger: "push", git_sha: sha, git_ref: "refs/heads/main" });
    const [job] = await jobsOf(server, run["id"]);
    if (job === undefined) throw new Error("the run has no job");
    expect(await logOf(server, job)).toEqual(["building"]);
    const headers = { authorization: `Bearer ${tokenOf(server.url)}` };
    const download = await fetch(`${server.url}/v1/artifacts/${String(job.artifacts[0]?.id)}/download`, { headers });
    writeFileSync(join(root, "app.tar"), Buffer.from(await download.arrayBuffer()));
    const unpacked = await runCommand("tar", ["-xOf", "app.tar", "app"], { cwd: root });
    expect(unpacked.stdout).toBe("CONTENT\n");
    // Read in a thread, whose file comes with the program.
    const found = await getJson(`${server.url}/v1/search?q=%231`);
    expect(found).toMatchObject({ items: [{ kind: "run", id: run["id"] }] });
    expect(await server.end("SIGTERM")).toEqual([0, null]);
    expect(server.log()).not.toMatch(/"level":"(?:WARN|ERROR)"/);
  });

  test("says what is wrong with a server or a repository, and the push stays done", async () => {
    const root = await temporaryDirectory();
    const server = await startServer(join(root, "data"));
    const repository = await pushedRepository(root, () => server.url);
    const { printed } = await repository.push({ file: "x" });
    expect(printed).toContain("remote: error[API_NOT_FOUND]");
    expect(printed).toContain("There is no repository");
    await server.end("SIGKILL");
    const again = await repository.push({ file: "y" });
    expect(again.printed).toContain("remote: error[SERVER_UNREACHABLE]");
  });
});
