import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { describeWith } from "../../../../test/support/requires.ts";
import { parsePrometheusText, type MetricFamily } from "../testing/prometheus-text.ts";
import { readEventStream, testRepository, testServer, type TestRepository } from "../testing/test-server.ts";
import { traceReceiver } from "../testing/trace-receiver.ts";
import { traceIdOf } from "./span-ids.ts";

const PIPELINE = `
name: shop
jobs:
  build:
    steps: [{ name: make, script: ["echo content >app", "echo printed-by-a-step"] }]
    artifacts: { app: [app] }
  test-unit:
    depends_on: [build]
    steps: [{ name: look, script: ["cat app"] }, { name: fail, script: ["exit 3"] }]
  deploy:
    depends_on: [test-unit]
    steps: [{ name: never, script: ["true"] }]
`;

let root: string;
let repository: TestRepository;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "waybill-telemetry-")));
  repository = testRepository(root);
  repository.push({ "waybill.yaml": PIPELINE });
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

type Served = Awaited<ReturnType<typeof testServer>>;

async function post(server: Served, path: string, body: unknown, headers = {}): Promise<Record<string, unknown>> {
  const response = await fetch(server.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${server.token}`, ...headers },
    body: JSON.stringify(body),
  });
  expect(response.status).toBeLessThan(300);
  return (await response.json()) as Record<string, unknown>;
}

/** @returns the run's id, when it is over */
async function run(server: Served, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const { id: project } = await post(server, "/v1/projects", { name: "shop" });
  const about = { project_id: project, name: "build", repository_url: repository.url };
  const { id: pipeline } = await post(server, "/v1/pipelines", about);
  const { id } = await post(server, `/v1/pipelines/${String(pipeline)}/runs`, {}, headers);
  await readEventStream(await server.get(`/v1/pipeline-runs/${String(id)}/events`));
  return String(id);
}

async function scrape(server: Served): Promise<ReadonlyMap<string, MetricFamily>> {
  const response = await server.get("/metrics");
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toContain("text/plain; version=0.0.4");
  return parsePrometheusText(await response.text());
}

function valueOf(families: ReadonlyMap<string, MetricFamily>, name: string, labels: object = {}): number | undefined {
  const family = families.get(name) ?? families.get(name.replace(/_(?:count|sum|bucket)$/, ""));
  const found = family?.samples.filter(
    (sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
  );
  return found?.reduce((sum, { value }) => sum + value, 0);
}

describeWith("git", "what a server tells of itself", () => {
  test("is read by Prometheus: requests, runs, jobs, queue, executors, store", async () => {
    const server = await testServer(join(root, "data"));
    await run(server);
    await server.get("/v1/pipeline-runs/00000000-0000-4000-8000-000000000000");
    const families = await scrape(server);
    expect(valueOf(families, "pipelines_started_total")).toBe(1);
    expect(valueOf(families, "waybill_runs_finished_total", { status: "failed" })).toBe(1);
    const job = { pipeline: "shop", job: "test-unit", status: "failed" };
    expect(valueOf(families, "pipeline_job_duration_seconds_count", job)).toBe(1);
    expect(valueOf(families, "job_duration_seconds_count", { job_name: "build", pipeline_name: "shop" })).toBe(1);
    expect(valueOf(families, "job_execution_duration_seconds_count")).toBe(2);
    expect(valueOf(families, "jobs_total", { status: "cancelled", job_name: "deploy" })).toBe(1);
    expect(valueOf(families, "job_failure_rate")).toBe(50);
    expect(valueOf(families, "concurrent_jobs_running")).toBe(0);
    expect(valueOf(families, "active_jobs", { job_name: "build" })).toBe(0);
    expect(valueOf(families, "pipeline_queue_depth", { worker_pool: "default" })).toBe(0);
    expect(valueOf(families, "waybill_run_queue_length")).toBe(0);
    expect(valueOf(families, "waybill_run_queue_wait_seconds_count")).toBe(1);
    expect(valueOf(families, "waybill_step_duration_seconds_count", { executor: "process", status: "failed" })).toBe(1);
    expect(valueOf(families, "waybill_executor_start_seconds_count", { executor: "process" })).toBe(2);
    const moved = { source: "workspace", destination: "store", status: "success" };
    expect(valueOf(families, "artifact_transfer_bytes_total", moved)).toBe("content\n".length);
    expect(
      valueOf(families, "waybill_store_operation_seconds_count", { operation: "commit", outcome: "ok" }),
    ).toBeGreaterThan(5);
    expect(valueOf(families, "nodejs_eventloop_lag_seconds")).toBeGreaterThanOrEqual(0);
    const requests = families.get("http_request_duration_seconds");
    const missing = { method: "GET", route: "/v1/pipeline-runs/{id}", status: "404" };
    expect(valueOf(families, "http_request_duration_seconds_count", missing)).toBe(1);
    // No label has an id, an address or a commit in it.
    for (const sample of requests?.samples ?? []) expect(sample.labels["route"]).not.toMatch(/[0-9a-f]{8}-/);
  });

  test("counts what waits, while it waits", async () => {
    const wait = `until [ -e ${root}/go ]; do sleep 0.02; done`;
    const waiting = `name: w\njobs:\n  a: { steps: [{ name: s, script: ["${wait}"] }] }\n`;
    repository.push({ "waybill.yaml": waiting });
    const server = await testServer(join(root, "data"), { "max-runs": "1" });
    const { id: project } = await post(server, "/v1/projects", { name: "shop" });
    const about = { project_id: project, name: "build", repository_url: repository.url };
    const { id: pipeline } = await post(server, "/v1/pipelines", about);
    const first = await post(server, `/v1/pipelines/${String(pipeline)}/runs`, {});
    const second = await post(server, `/v1/pipelines/${String(pipeline)}/runs`, {});
    await readEventStream(await server.get(`/v1/pipeline-runs/${String(first["id"])}/events`), (events) =>
      events.some(({ type }) => type === "step.started"),
    );
    const families = await scrape(server);
    expect(valueOf(families, "waybill_runs", { status: "running" })).toBe(1);
    expect(valueOf(families, "waybill_runs", { status: "pending" })).toBe(1);
    expect(valueOf(families, "pipeline_queue_depth")).toBe(1);
    expect(valueOf(families, "concurrent_jobs_running")).toBe(1);
    expect(valueOf(families, "waybill_runs_driven")).toBe(1);
    writeFileSync(join(root, "go"), "");
    await readEventStream(await server.get(`/v1/pipeline-runs/${String(second["id"])}/events`));
  });

  test("is logged in lines of JSON, which lead from a request to its run and its jobs", async () => {
    const server = await testServer(join(root, "data"), {}, {}, {}, "debug");
    const id = await run(server, { "x-request-id": "delivery-7" });
    const lines = server.logged.map((line) => JSON.parse(line) as Record<string, unknown>);
    for (const line of lines) {
      expect(line).toMatchObject({ component: expect.any(String), correlation_id: expect.any(String) });
      expect(line["timestamp"]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(["DEBUG", "INFO", "WARN", "ERROR"]).toContain(line["level"]);
    }
    const ofRun = lines.filter((line) => line["pipeline_run_id"] === id);
    expect(new Set(ofRun.map((line) => line["correlation_id"]))).toEqual(new Set(["delivery-7"]));
    const finished = ofRun.filter(({ message }) => message === "job.finished");
    expect(finished.map(({ job_name: name, stage_type: stage, status }) => [name, stage, status])).toEqual([
      ["build", "build", "success"],
      ["test-unit", "test", "failed"],
      ["deploy", "deploy", "cancelled"],
    ]);
    expect(finished[0]?.["job_id"]).toMatch(/^[0-9a-f-]{36}$/);
    const details = (await (await server.get(`/v1/pipeline-runs/${id}`)).json()) as Record<string, unknown>;
    expect(details["trigger_event"]).toMatchObject({ correlation_id: "delivery-7" });
  });

  test("shows no secret, wherever it came in", async () => {
    const password = "pw-7f3a9c!x";
    const server = await testServer(join(root, "data"), {}, { API_TOKEN: "tok-55aa66bb" }, {}, "debug");
    await run(server, { cookie: "waybill=abcdef123456" });
    await server.as({ authorization: `Bearer wbp_${"a".repeat(43)}` }).get("/v1/projects");
    await post(server, "/v1/projects", { name: "other" });
    await server.get(`/v1/pipelines?token=${password}`);
    const text = server.logged.join("");
    for (const secret of ["wbp_aaaa", "abcdef123456", password, "tok-55aa66bb", server.token, "printed-by-a-step"]) {
      expect(text).not.toContain(secret);
    }
  });

  test("is traced: the run, in it its jobs, in them their steps, linked to the request", async () => {
    const receiver = await traceReceiver();
    const server = await testServer(join(root, "data"), {}, { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    const caller = { traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "00f067aa0ba902b7" };
    const id = await run(server, { traceparent: `00-${caller.traceId}-${caller.spanId}-01` });
    await server.close();
    expect(receiver.problems).toEqual([]);
    const spans = receiver.spans.filter(({ traceId }) => traceId === traceIdOf(id));
    expect(spans.map(({ name }) => name).toSorted()).toEqual([
      "build",
      "fail",
      "look",
      "make",
      "run shop",
      "test-unit",
    ]);
    const named = (name: string): (typeof spans)[number] => {
      const span = spans.find((one) => one.name === name);
      if (span === undefined) throw new Error(name);
      return span;
    };
    expect(named("run shop").parentSpanId).toBeUndefined();
    expect(named("build").parentSpanId).toBe(named("run shop").spanId);
    expect(named("make").parentSpanId).toBe(named("build").spanId);
    expect(named("fail").parentSpanId).toBe(named("test-unit").spanId);
    expect([named("fail").status.code, named("test-unit").status.code, named("make").status.code]).toEqual([2, 2, 0]);
    for (const inner of spans) {
      const outer = spans.find(({ spanId }) => spanId === inner.parentSpanId) ?? inner;
      expect(BigInt(inner.startTimeUnixNano) >= BigInt(outer.startTimeUnixNano)).toBe(true);
      expect(BigInt(inner.endTimeUnixNano) <= BigInt(outer.endTimeUnixNano)).toBe(true);
    }
    const request = receiver.spans.find(({ name }) => name === "POST /v1/pipelines/{id}/runs");
    expect(request).toMatchObject({ traceId: caller.traceId, parentSpanId: caller.spanId });
    expect(named("run shop").links).toMatchObject([{ traceId: caller.traceId, spanId: request?.spanId }]);
    expect(readFileSync(join(root, "clone/waybill.yaml"), "utf8")).toBe(PIPELINE);
  });
});
