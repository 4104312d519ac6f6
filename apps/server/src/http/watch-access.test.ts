import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { systemPrincipal } from "@waybill/access";
import { ManualClock } from "@waybill/core/testing";
import { WaybillError } from "@waybill/core";
import { sampleRun } from "@waybill/engine/testing";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { PipelineControlService } from "../rpc/generated/waybill.ts";
import { signedIn } from "../testing/people.ts";
import { testServer, type TestCaller } from "../testing/test-server.ts";
import { watchAccess } from "./watch-access.ts";

const RUN = "11111111-1111-4111-8111-111111111111";
const JOB = "22222222-2222-4222-8222-222222222222";
const TEST = systemPrincipal("test");

interface Followed {
  /** The whole of what came. */
  readonly ended: Promise<string>;
  isOpen: boolean;
}

async function follow(caller: TestCaller, path: string): Promise<Followed> {
  const response = await caller.get(path);
  expect([path, response.status]).toEqual([path, 200]);
  const followed: Followed = {
    isOpen: true,
    ended: response.text().finally(() => {
      followed.isOpen = false;
    }),
  };
  return followed;
}

test("whoever may not any more is told nothing more, within seconds", async () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "waybill-watch-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const server = await testServer(root);
  const { access, store } = server.services;
  const run = sampleRun(RUN, 1);
  await store.create({ ...run, jobs: run.jobs.map((job) => ({ ...job, id: JOB })) });
  const project = (await (await server.post("/v1/projects", { name: "shop" })).json()) as { readonly id: string };
  const streams = ["/v1/events", `/v1/pipeline-runs/${RUN}/events`, `/v1/jobs/${JOB}/logs?follow=true`];
  const permissions = ["runs:read", "logs:read"] as const;
  const machine = await access.tokens.createMachine(TEST, null, "admin", { name: "m", permissions });
  const token = server.as({ authorization: `Bearer ${machine.text}` });
  const revoked = await Promise.all(streams.map((path) => follow(token, path)));
  const transport = createConnectTransport({ baseUrl: server.url, httpVersion: "1.1" });
  const control = createClient(PipelineControlService, transport);
  const headers = { authorization: `Bearer ${machine.text}` };
  const called = (async () => {
    for await (const _ of control.followRun({ runId: RUN }, { headers }));
  })();
  called.catch(() => undefined);
  const signedOut = await signedIn(server, "ann", { [project.id]: "viewer" });
  const removed = await signedIn(server, "bob", { [project.id]: "viewer" });
  const others = [await follow(signedOut, "/v1/events"), await follow(removed, "/v1/events")];
  const still = [
    await follow(server, "/v1/events"),
    await follow(await signedIn(server, "eve", { [project.id]: "viewer" }), "/v1/events"),
  ];

  const startedAt = performance.now();
  await access.tokens.revoke(TEST, machine.token.id);
  for (const session of await access.sessions.ofUser(signedOut.id)) await access.sessions.close(TEST, session);
  await access.users.revoke(TEST, project.id, removed.id);
  for (const { ended } of [...revoked, ...others]) expect(await ended).not.toContain("event: end");
  await expect(called).rejects.toMatchObject({ message: expect.stringMatching(/unauthenticated/) as string });
  expect(performance.now() - startedAt).toBeLessThan(8_000);
  expect(still.map(({ isOpen }) => isOpen)).toEqual([true, true]);
  expect((await token.get("/v1/events")).status).toBe(401);
  expect(server.logged).toEqual([]);
  await server.close();
  for (const { ended } of still) await ended.catch(() => undefined);
});

test("a store that does not answer has not said no, and who has gone is not asked about", async () => {
  const clock = new ManualClock();
  const answers: (Error | null)[] = [null, new Error("no answer"), new WaybillError("AUTH_REQUIRED", {})];
  let asked = 0;
  const check = async (): Promise<void> => {
    asked += 1;
    const answer = answers.shift() ?? null;
    await (answer === null ? Promise.resolve() : Promise.reject(answer));
  };
  const pass = async (): Promise<void> => {
    clock.advance(10_000);
    await new Promise((resolve) => setImmediate(resolve));
  };
  const watch = watchAccess(clock, check);
  await pass();
  await pass();
  expect([asked, watch.lost.aborted]).toEqual([2, false]);
  await pass();
  expect([asked, watch.lost.aborted]).toEqual([3, true]);
  await pass();
  expect(asked).toBe(3);
  watchAccess(clock, check)[Symbol.dispose]();
  await pass();
  expect(asked).toBe(3);
});
