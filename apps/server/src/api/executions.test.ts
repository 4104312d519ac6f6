import { sampleRun } from "@waybill/engine/testing";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { testServer } from "../testing/test-server.ts";

let root: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "waybill-executions-")));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const FIRST = "11111111-1111-4111-8111-111111111111";
const OTHER = "22222222-2222-4222-8222-222222222222";

test("an executor reports with the token of its execution, as often as it likes, and only in the order of states", async () => {
  const server = await testServer(join(root, "data"));
  const { store, executionTokens } = server.services;
  await store.create(sampleRun("run-0-xxxxx"));
  const execution = { id: FIRST, jobId: "run-0-xxxxx/job-0", attempt: 1, executor: "elsewhere" };
  await store.commit("run-0-xxxxx", { jobs: [], steps: [], executions: [execution], artifacts: [], events: [] });
  async function report(id: string, body: unknown, token = executionTokens.issue(id)): Promise<unknown> {
    const response = await server
      .as({ authorization: `Bearer ${token}` })
      .send("POST", `/v1/executions/${id}/status`, body);
    const answer = (await response.json()) as { readonly code?: string; readonly changed?: boolean };
    return [response.status, answer.code ?? answer.changed];
  }
  expect(await report(FIRST, { status: "RUNNING" })).toEqual([200, true]);
  expect(await report(FIRST, { status: "RUNNING" })).toEqual([200, false]);
  const done = { status: "SUCCEEDED", exit_code: 0, logs_ref: "s3://logs/1" };
  expect(await report(FIRST, done)).toEqual([200, true]);
  expect(await report(FIRST, done)).toEqual([200, false]);
  expect(await report(FIRST, { status: "FAILED" })).toEqual([409, "EXECUTION_TRANSITION"]);
  expect(await report(FIRST, { status: "success" })).toEqual([400, "API_INVALID"]);
  expect(await server.services.reports.find(FIRST)).toMatchObject({ status: "SUCCEEDED", logsRef: "s3://logs/1" });

  const invalid = [401, "EXECUTION_TOKEN_INVALID"];
  expect(await report(FIRST, done, executionTokens.issue(OTHER))).toEqual(invalid);
  expect(await report(FIRST, done, server.token)).toEqual(invalid);
  expect(await report(FIRST, done, "")).toEqual(invalid);
  expect(await report(FIRST, done, executionTokens.issue(FIRST).replace(/.$/, "!"))).toEqual(invalid);
  expect(await report(OTHER, done, executionTokens.issue(FIRST))).toEqual(invalid);
  expect(await report(OTHER, done)).toEqual([404, "API_NOT_FOUND"]);
});
