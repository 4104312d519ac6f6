import { existsSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { describeWith } from "../support/requires.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { pushedRepository } from "./support/pushed-repository.ts";
import { getJson, postJson, startServer, tokenOf, type ServerProcess } from "./support/server-process.ts";

/** A request of which the server has the headers and not yet the whole body. */
async function halfRequest(server: ServerProcess, body: string): Promise<{ finish(): Promise<string> }> {
  const { hostname, port } = new URL(server.url);
  const socket: Socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  let answer = "";
  socket.on("data", (chunk: Buffer) => (answer += chunk.toString()));
  const closed = new Promise<string>((resolve) => socket.on("close", () => resolve(answer)));
  socket.on("error", () => undefined);
  const head = `POST /v1/projects HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nauthorization: Bearer ${tokenOf(server.url)}`;
  // With the expectation the server says when it has read the headers.
  socket.write(`${head}\r\nexpect: 100-continue\r\n\r\n`);
  while (!answer.includes("100 Continue")) await setTimeout(5);
  socket.write(body.slice(0, 5));
  return {
    finish: () => {
      socket.write(body.slice(5));
      return closed;
    },
  };
}

async function isRefused(server: ServerProcess): Promise<boolean> {
  try {
    await fetch(`${server.url}/health`);
    return false;
  } catch {
    return true;
  }
}

describeWith("git", "the end of a server", () => {
  test("by SIGTERM takes nothing new, answers what it has begun to read, and is clean", async () => {
    const root = await temporaryDirectory();
    const server = await startServer(join(root, "data"));
    const half = await halfRequest(server, '{"name":"kept"}');
    let isOver = false;
    const ended = server.end("SIGTERM").finally(() => (isOver = true));
    while (!(await isRefused(server))) await setTimeout(10);
    expect(isOver).toBe(false);
    expect(await half.finish()).toContain("HTTP/1.1 201 Created");
    expect(await ended).toEqual([0, null]);
    const again = await startServer(join(root, "data"));
    const { items } = await getJson(`${again.url}/v1/projects`);
    expect(items).toMatchObject([{ name: "kept" }]);
  });

  test("by a second signal is at once, whatever is under way", async () => {
    const root = await temporaryDirectory();
    const server = await startServer(join(root, "data"));
    await halfRequest(server, '{"name":"lost"}');
    const ended = server.end("SIGTERM");
    while (!(await isRefused(server))) await setTimeout(10);
    const start = performance.now();
    await server.end("SIGTERM");
    expect(await ended).toEqual([130, null]);
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  test("leaves a step to print on: the next server has its whole output, once", async () => {
    const root = await temporaryDirectory();
    const data = join(root, "data");
    const first = await startServer(data);
    const repository = await pushedRepository(root, () => first.url);
    const { id: project } = await postJson(`${first.url}/v1/projects`, { name: "shop" });
    const about = { project_id: project, name: "build", repository_url: repository.url };
    const { id: pipeline } = await postJson(`${first.url}/v1/pipelines`, about);
    const lines = (from: number, to: number): string =>
      `i=${from}; while [ $i -lt ${to} ]; do echo line $i; i=$((i+1)); done`;
    const script = [lines(0, 5000), `touch ${root}/up`, `until [ -e ${root}/down ]; do sleep 0.02; done`];
    const after = [
      lines(5000, 10_000),
      `touch ${root}/printed`,
      `until [ -e ${root}/go ]; do sleep 0.02; done`,
      "echo over",
    ];
    await repository.push({
      "waybill.yaml": `name: long\njobs:\n  work: { steps: [{ name: s, script: ${JSON.stringify([...script, ...after])} }] }\n`,
    });
    while (!existsSync(join(root, "up"))) await setTimeout(10);
    expect(await first.end("SIGTERM")).toEqual([0, null]);
    // Nothing that watches the silent step keeps the process alive.
    expect(first.log()).not.toContain("ended by force");
    writeFileSync(join(root, "down"), "");
    // Printed while no server is there.
    while (!existsSync(join(root, "printed"))) await setTimeout(10);
    const second = await startServer(data);
    writeFileSync(join(root, "go"), "");
    const runs = async (): Promise<readonly Record<string, unknown>[]> =>
      (await getJson(`${second.url}/v1/pipelines/${String(pipeline)}/runs`))["items"] as never;
    while ((await runs())[0]?.["finished_at"] === null) await setTimeout(20);
    const [run] = await runs();
    expect(run).toMatchObject({ status: "success" });
    const { items: jobs } = await getJson(`${second.url}/v1/pipeline-runs/${String(run?.["id"])}/jobs`);
    const [job] = jobs as readonly { readonly id: string; readonly attempts: number }[];
    expect(job?.attempts).toBe(1);
    const printed: string[] = [];
    for (let from = 0; ;) {
      const page = await getJson(`${second.url}/v1/jobs/${String(job?.id)}/logs?from=${from}&limit=1000`);
      const items = page["items"] as readonly { readonly text: string }[];
      printed.push(...items.map(({ text }) => text));
      if (items.length === 0) break;
      from = Number(page["next_line"]);
    }
    expect(printed).toEqual([...Array.from({ length: 10_000 }, (_, n) => `line ${n}`), "over"]);
  });
});
