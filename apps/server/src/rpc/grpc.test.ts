import {
  fromBinary,
  toBinary,
  create,
  type DescMethod,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import { Client, credentials, Metadata, status as grpcStatus, type ServiceError } from "@grpc/grpc-js";
import { sampleRun } from "@waybill/engine/testing";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWith } from "../../../../test/support/requires.ts";
import { openTestServer, testRepository, type TestServer } from "../testing/test-server.ts";
import { ArtifactService, ExecutorCallbackService, PipelineControlService } from "./generated/waybill.ts";

const PIPELINE = `
name: shop
jobs:
  build:
    steps: [{ name: make, script: ["head -c 300000 /dev/zero > app"] }]
    artifacts: { app: [app] }
`;

const NOBODY = "00000000-0000-4000-8000-000000000000";

let root: string;
let server: TestServer;
let client: Client;
let pipeline: string;

beforeAll(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "waybill-grpc-")));
  const repository = testRepository(root);
  repository.push({ "waybill.yaml": PIPELINE });
  server = await openTestServer(join(root, "data"));
  const project = (await (await server.post("/v1/projects", { name: "shop" })).json()) as { readonly id: string };
  const body = { project_id: project.id, name: "build", repository_url: repository.url };
  pipeline = ((await (await server.post("/v1/pipelines", body)).json()) as { readonly id: string }).id;
  client = new Client(new URL(server.url).host, credentials.createInsecure());
});

afterAll(async () => {
  client.close();
  await server.close();
  rmSync(root, { recursive: true, force: true });
});

type Unary<Method extends DescMethod> = MessageInitShape<Method["input"]>;

function metadataOf(token: string, more: Readonly<Record<string, string>> = {}): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries({ authorization: `Bearer ${token}`, ...more })) metadata.set(name, value);
  return metadata;
}

function pathOf(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}

/** @throws ServiceError */
async function call<Method extends DescMethod>(
  method: Method,
  request: Unary<Method>,
  metadata = metadataOf(server.token),
): Promise<MessageShape<Method["output"]>> {
  return await new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      pathOf(method),
      (bytes: Buffer) => bytes,
      (bytes) => fromBinary<Method["output"]>(method.output, bytes),
      Buffer.from(toBinary(method.input, create<Method["input"]>(method.input, request))),
      metadata,
      { deadline: Date.now() + 20_000 },
      (error, answer) => (error === null ? resolve(answer as MessageShape<Method["output"]>) : reject(error)),
    );
  });
}

/** @throws ServiceError */
async function* stream<Method extends DescMethod>(
  method: Method,
  request: Unary<Method>,
): AsyncGenerator<MessageShape<Method["output"]>> {
  yield* client.makeServerStreamRequest(
    pathOf(method),
    (bytes: Buffer) => bytes,
    (bytes) => fromBinary<Method["output"]>(method.output, bytes),
    Buffer.from(toBinary(method.input, create<Method["input"]>(method.input, request))),
    metadataOf(server.token),
    { deadline: Date.now() + 20_000 },
  );
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  const error = (await work.then(
    () => Promise.reject(new Error("it did not fail")),
    (reason: unknown) => reason,
  )) as ServiceError;
  return [error.code, error.metadata?.get("waybill-code")[0]];
}

describeWith("git", "a gRPC client, over HTTP/2 on the port of HTTP/1.1", () => {
  test("runs a pipeline, follows it and gets what it built", async () => {
    const { method: control } = PipelineControlService;
    const started = await call(control.triggerRun, { pipelineId: pipeline });
    expect(started).toMatchObject({ number: 1, status: "pending" });
    const types: string[] = [];
    for await (const event of stream(control.followRun, { runId: started.id })) types.push(event.type);
    expect([types[0], types.at(-1)]).toEqual(["run.started", "run.finished"]);
    expect((await call(control.getRun, { runId: started.id })).run).toMatchObject({ status: "success" });
    const { method: artifacts } = ArtifactService;
    const [artifact] = (await call(artifacts.listArtifacts, { runId: started.id })).items;
    let size = 0;
    for await (const { chunk } of stream(artifacts.downloadArtifact, { artifactId: artifact?.id ?? "" })) {
      size += chunk.length;
    }
    expect(size).toBeGreaterThan(300_000);
    expect(server.logged).toEqual([]);
  });

  test("is checked as others are, and told of errors with their codes", async () => {
    const { method: control } = PipelineControlService;
    expect(await failureOf(call(control.getRun, { runId: NOBODY }))).toEqual([grpcStatus.NOT_FOUND, "API_NOT_FOUND"]);
    expect(await failureOf(call(control.getRun, { runId: "1" }))).toEqual([grpcStatus.INVALID_ARGUMENT, "API_INVALID"]);
    expect(await failureOf(call(control.listRuns, {}, new Metadata()))).toEqual([
      grpcStatus.UNAUTHENTICATED,
      "AUTH_REQUIRED",
    ]);
    const [code] = (await failureOf(call(control.listRuns, {}, metadataOf("wbm_nonsense")))) as unknown[];
    expect(code).toBe(grpcStatus.UNAUTHENTICATED);
    const nothing = stream(control.followRun, { runId: NOBODY })[Symbol.asyncIterator]();
    expect(await failureOf(nothing.next())).toEqual([grpcStatus.NOT_FOUND, "API_NOT_FOUND"]);
    const huge = { pipelineId: pipeline, variables: { MODE: "x".repeat(2 * 1024 * 1024) } };
    const [tooLarge] = (await failureOf(call(control.triggerRun, huge))) as unknown[];
    expect(tooLarge).toBe(grpcStatus.RESOURCE_EXHAUSTED);
    const { method: callbacks } = ExecutorCallbackService;
    const report = { executionId: NOBODY, status: "FAILED" };
    expect(await failureOf(call(callbacks.reportStatus, report))).toEqual([
      grpcStatus.UNAUTHENTICATED,
      "EXECUTION_TOKEN_INVALID",
    ]);
    expect(server.logged).toEqual([]);
  });

  test("reports of an execution with its token, and repeats a request with its key", async () => {
    const { store, executionTokens } = server.services;
    const id = "11111111-1111-4111-8111-111111111111";
    await store.create(sampleRun("run-0-xxxxx"));
    const execution = { id, jobId: "run-0-xxxxx/job-0", attempt: 1, executor: "elsewhere" };
    await store.commit("run-0-xxxxx", { jobs: [], steps: [], executions: [execution], artifacts: [], events: [] });
    const { method: callbacks } = ExecutorCallbackService;
    const token = metadataOf(executionTokens.issue(id));
    const report = { executionId: id, status: "RUNNING" };
    expect(await call(callbacks.reportStatus, report, token)).toMatchObject({ changed: true });
    expect(await call(callbacks.reportStatus, report, token)).toMatchObject({ changed: false });

    const { method: control } = PipelineControlService;
    const keyed = metadataOf(server.token, { "idempotency-key": "k1" });
    const first = await call(control.triggerRun, { pipelineId: pipeline }, keyed);
    expect((await call(control.triggerRun, { pipelineId: pipeline }, keyed)).id).toBe(first.id);
    for await (const _ of stream(control.followRun, { runId: first.id }));
  });
});
