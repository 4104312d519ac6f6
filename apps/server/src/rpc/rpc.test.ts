import { Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { sampleRun } from "@waybill/engine/testing";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { describeWith } from "../../../../test/support/requires.ts";
import { testRepository, testServer, type TestRepository, type TestServer } from "../testing/test-server.ts";
import { ArtifactService, ExecutorCallbackService, PipelineControlService } from "./generated/waybill.ts";

const PIPELINE = `
name: shop
jobs:
  build:
    steps: [{ name: make, script: ["echo mode \${MODE:-plain}", "echo made > app"] }]
    artifacts: { app: [app] }
  check: { depends_on: [build], steps: [{ name: look, script: [cat app] }] }
`;

const NOBODY = "00000000-0000-4000-8000-000000000000";

let root: string;
let repository: TestRepository;
let server: TestServer;
let pipeline: string;

beforeEach(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "waybill-rpc-")));
  repository = testRepository(root);
  repository.push({ "waybill.yaml": PIPELINE });
  server = await testServer(join(root, "data"));
  const project = (await (await server.post("/v1/projects", { name: "shop" })).json()) as { readonly id: string };
  const body = { project_id: project.id, name: "build", repository_url: repository.url };
  pipeline = ((await (await server.post("/v1/pipelines", body)).json()) as { readonly id: string }).id;
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const TRANSPORTS: Readonly<Record<string, (url: string, token: string) => Transport>> = {
  "Connect with binary messages": (url, token) => createConnectTransport(options(url, token, true)),
  "Connect with JSON": (url, token) => createConnectTransport(options(url, token, false)),
  "gRPC-Web": (url, token) => createGrpcWebTransport(options(url, token, true)),
};

function options(
  baseUrl: string,
  token: string,
  useBinaryFormat: boolean,
): Parameters<typeof createConnectTransport>[0] {
  return {
    baseUrl,
    httpVersion: "1.1",
    useBinaryFormat,
    interceptors: [
      (next) => async (request) => {
        if (!request.header.has("authorization")) request.header.set("authorization", `Bearer ${token}`);
        return await next(request);
      },
    ],
  };
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  const error = ConnectError.from(await work.catch((reason: unknown) => reason));
  return [error.code, error.metadata.get("waybill-code")];
}

describeWith("git", "a generated client", () => {
  test.each(Object.keys(TRANSPORTS))("runs a pipeline, follows it and gets what it built: %s", async (name) => {
    const transport = (TRANSPORTS[name] as (typeof TRANSPORTS)[string])(server.url, server.token);
    const control = createClient(PipelineControlService, transport);
    const artifacts = createClient(ArtifactService, transport);
    const started = await control.triggerRun({ pipelineId: pipeline, variables: { MODE: "fast" } });
    expect(started).toMatchObject({ number: 1, status: "pending" });
    const seen: { readonly seq: number; readonly type: string; readonly json: string }[] = [];
    for await (const event of control.followRun({ runId: started.id })) seen.push(event);
    expect(seen.map(({ seq }) => seq)).toEqual(Array.from({ length: 10 }, (_, index) => index + 1));
    expect([seen[0]?.type, seen.at(-1)?.type]).toEqual(["run.started", "run.finished"]);
    expect(JSON.parse(seen.at(-1)?.json ?? "")).toMatchObject({ run: started.id, status: "success" });
    const rest: number[] = [];
    for await (const { seq } of control.followRun({ runId: started.id, after: 8 })) rest.push(seq);
    expect(rest).toEqual([9, 10]);

    const { run } = await control.getRun({ runId: started.id });
    expect(run).toMatchObject({ status: "success", pipelineId: pipeline, gitRef: "refs/heads/main" });
    expect([run?.reason, run?.rerunOf]).toEqual([undefined, undefined]);
    const { items: jobs } = await control.listJobs({ runId: started.id });
    expect(jobs).toMatchObject([
      { name: "build", steps: [{ exitCode: 0 }], artifacts: [{ name: "app", sizeBytes: 5n }] },
      { name: "check", dependsOn: ["build"] },
    ]);
    expect((await control.listRuns({ limit: 1, branch: "main" })).items.map(({ id }) => id)).toEqual([started.id]);
    expect((await control.listRuns({ status: "failed" })).items).toEqual([]);
    const [artifact] = (await artifacts.listArtifacts({ runId: started.id })).items;
    const artifactId = artifact?.id ?? "";
    const metadata = await artifacts.getArtifactMetadata({ artifactId });
    expect(metadata).toMatchObject({ runId: started.id, artifact: { job: "build", fileCount: 1 } });
    const chunks: Uint8Array[] = [];
    for await (const { chunk } of artifacts.downloadArtifact({ artifactId })) chunks.push(chunk);
    expect(Buffer.concat(chunks).includes("made\n")).toBe(true);

    const again = await control.rerunRun({ runId: started.id, jobs: ["check"] });
    expect((await control.getRun({ runId: again.id })).run?.rerunOf).toBe(started.id);
    for await (const _ of control.followRun({ runId: again.id }));
    expect((await control.listJobs({ runId: again.id })).items[0]?.message).toBe("taken from run 1");
    expect(server.logged).toEqual([]);
  });

  test.each(Object.keys(TRANSPORTS))("is told of errors with their codes: %s", async (name) => {
    const make = TRANSPORTS[name] as (typeof TRANSPORTS)[string];
    const control = createClient(PipelineControlService, make(server.url, server.token));
    expect(await failureOf(control.getRun({ runId: NOBODY }))).toEqual([Code.NotFound, "API_NOT_FOUND"]);
    expect(await failureOf(control.getRun({ runId: "1" }))).toEqual([Code.InvalidArgument, "API_INVALID"]);
    expect(await failureOf(control.listRuns({ limit: 100_000 }))).toEqual([Code.InvalidArgument, "API_INVALID"]);
    const ref = "--upload-pack=x";
    const refused = control.triggerRun({ pipelineId: pipeline, ref });
    expect(await failureOf(refused)).toEqual([Code.InvalidArgument, "API_INVALID"]);
    const followed = control.followRun({ runId: NOBODY });
    expect(await failureOf(followed[Symbol.asyncIterator]().next())).toEqual([Code.NotFound, "API_NOT_FOUND"]);
    const stranger = createClient(PipelineControlService, make(server.url, "wbm_nonsense"));
    expect((await failureOf(stranger.listRuns({}))) as unknown[]).toContain(Code.Unauthenticated);
    expect(server.logged).toEqual([]);
  });

  test("sends a request again with its key, and is carried out once", async () => {
    const control = createClient(
      PipelineControlService,
      (TRANSPORTS["gRPC-Web"] as (typeof TRANSPORTS)[string])(server.url, server.token),
    );
    const headers = { "idempotency-key": "k1" };
    const first = await control.triggerRun({ pipelineId: pipeline }, { headers });
    expect((await control.triggerRun({ pipelineId: pipeline }, { headers })).id).toBe(first.id);
    expect((await control.listRuns({})).items).toHaveLength(1);
    for await (const _ of control.followRun({ runId: first.id }));
  });

  test("gets the headers that every answer has", async () => {
    const { headers, status } = await server.send("POST", "/waybill.v1.PipelineControlService/ListRuns", {});
    expect([status, headers.get("x-content-type-options"), headers.get("cache-control")]).toEqual([
      200,
      "nosniff",
      "no-store",
    ]);
    expect([headers.get("x-request-id"), headers.get("ratelimit-limit")]).not.toContain(null);
  });

  test("reports of an execution with its token", async () => {
    const { store, executionTokens } = server.services;
    const id = "11111111-1111-4111-8111-111111111111";
    await store.create(sampleRun("run-0-xxxxx"));
    const execution = { id, jobId: "run-0-xxxxx/job-0", attempt: 1, executor: "elsewhere" };
    await store.commit("run-0-xxxxx", { jobs: [], steps: [], executions: [execution], artifacts: [], events: [] });
    const transport = createConnectTransport(options(server.url, executionTokens.issue(id), true));
    const callbacks = createClient(ExecutorCallbackService, transport);
    expect(await callbacks.reportStatus({ executionId: id, status: "RUNNING" })).toMatchObject({ changed: true });
    expect(await callbacks.reportStatus({ executionId: id, status: "RUNNING" })).toMatchObject({ changed: false });
    const failed = { executionId: id, status: "FAILED", exitCode: 0 };
    expect(await callbacks.reportStatus(failed)).toMatchObject({ changed: true });
    expect(await server.services.reports.find(id)).toMatchObject({ status: "FAILED", exitCode: 0, message: null });
    const other = { executionId: NOBODY, status: "FAILED" };
    expect(await failureOf(callbacks.reportStatus(other))).toEqual([Code.Unauthenticated, "EXECUTION_TOKEN_INVALID"]);
  });
});
