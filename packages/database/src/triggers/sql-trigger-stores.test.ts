import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  claimDueTicks,
  loadCronerTimes,
  tickRunId,
  type NewDelivery,
  type OutboxEntry,
  type StatusReport,
  type TriggerStores,
  type WebhookSecretRecord,
} from "@waybill/projects";
import type { RunChange } from "@waybill/engine";
import { sampleRun } from "@waybill/engine/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PostgresDatabase } from "../../../../test/support/postgres-database.ts";
import { describeWith } from "../../../../test/support/requires.ts";
import { openRunStore } from "../open-run-store.ts";
import type { SqlRunStore } from "../runs/sql-run-store.ts";

interface Place {
  /** What `openRunStore` takes. */
  readonly address: string;
  dispose(): Promise<void>;
}

describe("SQLite", () => {
  triggerStoresTests(async () => {
    const directory = await mkdtemp(join(tmpdir(), "waybill-trigger-stores-"));
    return { address: join(directory, "waybill.db"), dispose: () => rm(directory, { recursive: true }) };
  });
});

describeWith("postgres", "PostgreSQL", () => {
  triggerStoresTests(async () => {
    const database = await PostgresDatabase.borrow();
    return { address: database.url, dispose: () => database.giveBack() };
  });
});

const ENDED: RunChange = {
  run: { status: "success", finishedAt: 2000 },
  jobs: [],
  steps: [],
  executions: [],
  artifacts: [],
  events: [],
};

function delivery(id: string, fields: Partial<NewDelivery> = {}): NewDelivery {
  const receivedAt = 1000;
  const headers = { "x-github-event": "push" };
  const of = { source: "github", deliveryId: `d-${id}`, secretId: "s", repositoryId: null };
  return { id, ...of, receivedAt, headers, body: "{}", ...fields };
}

function report(fields: Partial<StatusReport> = {}): StatusReport {
  return {
    forge: "github",
    repository: "acme/shop",
    sha: "a".repeat(40),
    context: "waybill/webshop",
    state: "pending",
    description: "Waiting",
    url: null,
    ref: "main",
    startedAt: null,
    finishedAt: null,
    ...fields,
  };
}

function triggerStoresTests(makePlace: () => Promise<Place>): void {
  let place: Place;
  /** Two servers on one database. */
  let servers: SqlRunStore[];
  let one: TriggerStores;
  let other: TriggerStores;

  beforeEach(async () => {
    place = await makePlace();
    const [first, second] = [await openRunStore(place.address), await openRunStore(place.address)];
    servers = [first, second];
    one = await first.triggerStores();
    other = await second.triggerStores();
  });

  afterEach(async () => {
    for (const server of servers) await server.close();
    await place.dispose();
  });

  async function storeRuns(...ids: readonly string[]): Promise<void> {
    for (const id of ids) await servers[0]?.create(sampleRun(id));
  }

  describe("webhooks", () => {
    test("are kept once, whoever they come to", async () => {
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          (index % 2 === 0 ? one : other).deliveries.receive(delivery(`id-${index}`, { deliveryId: "same" })),
        ),
      );
      expect(answers.filter((answer) => answer === "received")).toHaveLength(1);
      expect(await one.deliveries.page({ limit: 10 })).toHaveLength(1);
      expect(await one.deliveries.receive(delivery("z", { source: "gitea", deliveryId: "same" }))).toBe("received");
    });

    test("come back as they were, the oldest first, to one server alone", async () => {
      const headers = { "x-github-event": "push", "content-type": "application/json" };
      await one.deliveries.receive(delivery("b", { receivedAt: 2000 }));
      const first = delivery("a", { headers, body: '{"größe": "\\u0000 🚚"}' });
      await one.deliveries.receive(first);
      expect(await other.deliveries.take(5000, 6000)).toEqual({ ...first, attempts: 1 });
      expect((await one.deliveries.take(5000, 6000))?.id).toBe("b");
      expect(await one.deliveries.take(5000, 6000)).toBeNull();
    });

    test("are shared by servers that take them at the same moment", async () => {
      for (let index = 0; index < 8; index += 1) await one.deliveries.receive(delivery(`id-${index}`));
      const takers = Array.from({ length: 12 }, (_, index) => (index % 2 === 0 ? one : other));
      const taken = await Promise.all(takers.map(({ deliveries }) => deliveries.take(5000, 6000)));
      const ids = taken.flatMap((found) => found?.id ?? []);
      expect(new Set(ids).size).toBe(ids.length);
      while ((await one.deliveries.take(5000, 6000)) !== null) ids.push("more");
      expect(ids).toHaveLength(8);
    });

    test("of a server that died are another one's", async () => {
      await one.deliveries.receive(delivery("a"));
      await one.deliveries.take(5000, 6000);
      expect(await other.deliveries.take(5999, 7000)).toBeNull();
      expect(await other.deliveries.take(6000, 7000)).toMatchObject({ id: "a", attempts: 2 });
    });

    test("that are settled are done with, but for those that failed and come again", async () => {
      await one.deliveries.receive(delivery("a"));
      await one.deliveries.settle("a", { outcome: "started", detail: "1 run", decisions: [] }, 3000);
      expect(await one.deliveries.take(5000, 6000)).toBeNull();
      expect(await one.deliveries.receive(delivery("b", { deliveryId: "d-a" }))).toBe("repeated");
      // Another server that interpreted it as well is late.
      await one.deliveries.settle("a", { outcome: "ignored", detail: "late", decisions: [] }, 3500);
      expect(await one.deliveries.page({ limit: 10 })).toMatchObject([{ outcome: "started", settledAt: 3000 }]);
      await one.deliveries.replay("a", 4000);
      await one.deliveries.settle("a", { outcome: "failed", detail: "no disk", decisions: [] }, 3000);
      expect(await one.deliveries.receive(delivery("b", { deliveryId: "d-a", body: "[]" }))).toBe("received");
      expect(await one.deliveries.take(5000, 6000)).toMatchObject({ id: "a", body: "[]", attempts: 1 });
      expect(await one.deliveries.page({ limit: 10 })).toMatchObject([
        { id: "a", outcome: "received", settledAt: null },
      ]);
    });

    test("can be interpreted once more, until they are forgotten", async () => {
      await one.deliveries.receive(delivery("a"));
      await one.deliveries.receive(delivery("b"));
      await one.deliveries.settle("a", { outcome: "ignored", detail: "a ping", decisions: [] }, 3000);
      expect(await one.deliveries.replay("a", 9)).toBe(true);
      expect(await one.deliveries.take(5000, 6000)).toMatchObject({ id: "a", attempts: 1 });
      await one.deliveries.settle("a", { outcome: "ignored", detail: "a ping", decisions: [] }, 3000);
      await one.deliveries.forget(5000);
      expect((await one.deliveries.page({ limit: 10 })).map(({ id }) => id)).toEqual(["b"]);
      expect(await one.deliveries.replay("a", 9)).toBe(false);
    });
    test("one that is taken may be kept for longer, by nobody but who has it", async () => {
      await one.deliveries.receive(delivery("a"));
      const first = await one.deliveries.take(5000, 6000);
      if (first === null) throw new Error("there is none");
      expect(await one.deliveries.extend(first, 7000)).toBe(true);
      expect(await other.deliveries.take(6500, 7500)).toBeNull();
      expect(await other.deliveries.take(7000, 8000)).toMatchObject({ id: "a", attempts: 2 });
      expect(await one.deliveries.extend(first, 9000)).toBe(false);
    });

    test("what was decided is kept, and shown to who may see its project", async () => {
      const records = servers[0]?.projectRecords();
      await records?.projects.create({ id: "p", name: "p", createdAt: 1, updatedAt: 1 });
      const repository = { id: "r", projectId: "p", url: "https://git.test/r", defaultBranch: "main", createdAt: 1 };
      await records?.repositories.findOrCreate(repository);
      await one.deliveries.receive(delivery("a", { repositoryId: "r" }));
      await one.deliveries.receive(delivery("b"));
      const decision = { pipelineId: "x", pipeline: "build", ref: "refs/heads/main", outcome: "skipped" } as const;
      const decisions = [{ ...decision, reason: "it is for tag", code: null, runId: null, runNumber: null }];
      await one.deliveries.settle("a", { outcome: "ignored", detail: "nothing", decisions }, 3000);
      expect(await other.deliveries.page({ limit: 10, projectIds: ["p"] })).toMatchObject([{ id: "a", decisions }]);
      expect(await other.deliveries.page({ limit: 10, projectIds: ["other"] })).toEqual([]);
      expect(await other.deliveries.page({ limit: 10, projectIds: [] })).toEqual([]);
      expect((await other.deliveries.page({ limit: 10, before: "b" })).map(({ id }) => id)).toEqual(["a"]);
    });
  });

  describe("secrets of webhooks", () => {
    beforeEach(async () => {
      const records = servers[0]?.projectRecords();
      await records?.projects.create({ id: "p", name: "p", createdAt: 1, updatedAt: 1 });
      for (const id of ["r", "q"]) {
        const url = `https://git.test/${id}`;
        await records?.repositories.findOrCreate({ id, projectId: "p", url, defaultBranch: "main", createdAt: 1 });
      }
    });

    function secret(id: string, fields: Partial<WebhookSecretRecord> = {}): WebhookSecretRecord {
      const common = { source: "github", address: null, ciphertext: `c-${id}`, keyId: "k", expiresAt: null };
      return { id, repositoryId: "r", createdAt: 1000, ...common, ...fields };
    }

    async function validIds(repositoryId: string | null, now: number): Promise<readonly string[]> {
      return (await other.webhookSecrets.valid("github", repositoryId, now)).map(({ id }) => id);
    }

    test("one takes the place of another, which holds a while longer", async () => {
      await one.webhookSecrets.insert(secret("a"), 0);
      await one.webhookSecrets.insert(secret("g", { source: "gitlab" }), 0);
      await one.webhookSecrets.insert(secret("x", { repositoryId: "q" }), 0);
      await one.webhookSecrets.insert(secret("b", { address: "https://git.test/r" }), 5000);
      expect(await validIds("r", 4999)).toEqual(["a", "b"]);
      expect(await validIds("r", 5000)).toEqual(["b"]);
      expect(await validIds(null, 5000)).toEqual(["b", "x"]);
      // It does not come to life again.
      await one.webhookSecrets.insert(secret("c"), 9000);
      expect(await validIds("r", 6000)).toEqual(["b", "c"]);
      expect(await one.webhookSecrets.ofRepository("r")).toMatchObject([
        { id: "a", expiresAt: 5000 },
        { id: "b", expiresAt: 9000, address: "https://git.test/r" },
        { id: "c", expiresAt: null },
        { id: "g", expiresAt: null },
      ]);
      await one.webhookSecrets.forget(6000);
      expect(await other.webhookSecrets.find("a")).toBeNull();
      expect(await other.webhookSecrets.remove("q", "b")).toBe(false);
      expect(await other.webhookSecrets.remove("r", "b")).toBe(true);
      expect(await validIds("r", 6000)).toEqual(["c"]);
    });

    test("are encrypted anew unless they were changed meanwhile", async () => {
      await one.webhookSecrets.insert(secret("a"), 0);
      expect(await other.webhookSecrets.notEncryptedWith("k")).toEqual([]);
      expect(await other.webhookSecrets.notEncryptedWith("new")).toHaveLength(1);
      await other.webhookSecrets.reencrypt("a", { ciphertext: "x", keyId: "new" }, "another");
      expect((await one.webhookSecrets.find("a"))?.ciphertext).toBe("c-a");
      await other.webhookSecrets.reencrypt("a", { ciphertext: "x", keyId: "new" }, "c-a");
      expect(await one.webhookSecrets.find("a")).toMatchObject({ ciphertext: "x", keyId: "new" });
    });
  });

  describe("ticks", () => {
    test("of a new schedule count from when it was seen first, by whichever server", async () => {
      expect(await one.ticks.lastDueAt("s", 1000)).toBe(1000);
      expect(await other.ticks.lastDueAt("s", 5000)).toBe(1000);
      expect(await other.ticks.lastDueAt("t", 5000)).toBe(5000);
      const seen = await Promise.all([one.ticks.lastDueAt("u", 7000), other.ticks.lastDueAt("u", 7000)]);
      expect(seen).toEqual([7000, 7000]);
    });

    test("are one server's", async () => {
      const tick = { scheduleId: "s", dueAt: 60_000 };
      const claims = await Promise.all(
        Array.from({ length: 12 }, (_, index) => (index % 2 === 0 ? one : other).ticks.claim(tick, 60_001, 90_000)),
      );
      expect(claims.filter(Boolean)).toHaveLength(1);
      expect(await one.ticks.lastDueAt("s", 61_000)).toBe(60_000);
      await storeRuns("run-0001");
      await one.ticks.settle(tick, "started", "run-0001");
      expect(await other.ticks.claim(tick, 999_000, 999_999)).toBe(false);
    });

    test("of a server that died are another one's", async () => {
      const tick = { scheduleId: "s", dueAt: 60_000 };
      await one.ticks.claim(tick, 60_001, 90_000);
      expect(await other.ticks.abandoned(89_999)).toEqual([]);
      expect(await other.ticks.abandoned(90_000)).toEqual([tick]);
      const claims = await Promise.all([
        other.ticks.claim(tick, 90_000, 99_000),
        one.ticks.claim(tick, 90_000, 99_000),
      ]);
      expect(claims.filter(Boolean)).toHaveLength(1);
      await other.ticks.settle(tick, "skipped", null);
      expect(await other.ticks.abandoned(999_999)).toEqual([]);
    });

    test("are caught up with once, by one of the servers that come back", async () => {
      const times = await loadCronerTimes();
      const schedule = { pipelineId: "p", rule: { cron: "*/5 * * * *", timezone: "UTC", branch: null } };
      const start = Date.parse("2026-11-20T12:00:00Z");
      const MINUTE = 60_000;
      expect(await claimDueTicks(one.ticks, [schedule], times, start)).toEqual([]);
      // Nobody is there for a day.
      const now = start + 24 * 60 * MINUTE + 1;
      const claims = await Promise.all(
        [one, other, one, other].map(({ ticks }) => claimDueTicks(ticks, [schedule], times, now)),
      );
      const [tick, ...more] = claims.flat();
      expect(more).toEqual([]);
      expect(tick).toMatchObject({ dueAt: now - 1, schedule });
      // Who took it dies. It is the same run for whoever takes over.
      expect(await claimDueTicks(other.ticks, [schedule], times, now + 30_000)).toEqual([]);
      const [again] = await claimDueTicks(other.ticks, [schedule], times, now + MINUTE);
      expect(again).toEqual(tick);
      expect(again?.runId).toBe(again === undefined ? "" : tickRunId(again));
      if (again !== undefined) await other.ticks.settle(again, "started", again.runId);
      expect(await claimDueTicks(one.ticks, [schedule], times, now + 4 * MINUTE)).toEqual([]);
      expect(await claimDueTicks(one.ticks, [schedule], times, now + 5 * MINUTE)).toHaveLength(1);
    });

    test("are forgotten but for the last of each schedule", async () => {
      for (const dueAt of [1000, 2000, 3000]) {
        await one.ticks.claim({ scheduleId: "s", dueAt }, dueAt, dueAt + 1);
        await one.ticks.settle({ scheduleId: "s", dueAt }, "skipped", null);
      }
      await one.ticks.forget(10_000);
      expect(await one.ticks.lastDueAt("s", 20_000)).toBe(3000);
      expect(await one.ticks.claim({ scheduleId: "s", dueAt: 1000 }, 5000, 6000)).toBe(true);
      expect(await one.ticks.claim({ scheduleId: "s", dueAt: 3000 }, 5000, 6000)).toBe(false);
    });
  });

  describe("groups", () => {
    function enter(stores: TriggerStores, runId: string, cancelInProgress = false, group = "deploy") {
      return stores.groups.enter({ group, runId, cancelInProgress, now: 1000 });
    }

    test("let one run be at work, and the others in the order they came", async () => {
      await storeRuns("run-a", "run-b", "run-c", "run-d");
      expect(await enter(one, "run-a")).toEqual({ kind: "start" });
      expect(await enter(other, "run-b")).toEqual({ kind: "queue", behind: ["run-a"] });
      expect(await enter(one, "run-c")).toEqual({ kind: "queue", behind: ["run-a", "run-b"] });
      expect(await enter(one, "run-d", false, "another")).toEqual({ kind: "start" });
      expect(await Promise.all(["run-a", "run-b", "run-x"].map((id) => other.groups.isAdmitted(id)))).toEqual([
        true,
        false,
        true,
      ]);
      expect(await other.groups.leave("run-a")).toEqual(["run-b"]);
      expect(await one.groups.isAdmitted("run-b")).toBe(true);
      expect(await one.groups.leave("run-a")).toEqual([]);
      expect(await one.groups.leave("run-b")).toEqual(["run-c"]);
      expect(await one.groups.leave("run-c")).toEqual([]);
    });

    test("let a new run end those before it, and start when they have ended", async () => {
      await storeRuns("run-a", "run-b", "run-c");
      await enter(one, "run-a");
      await enter(one, "run-b");
      expect(await enter(other, "run-c", true)).toEqual({ kind: "supersede", runs: ["run-a", "run-b"] });
      expect(await one.groups.superseded()).toEqual(["run-a", "run-b"]);
      expect(await one.groups.isAdmitted("run-c")).toBe(false);
      expect(await one.groups.leave("run-b")).toEqual([]);
      expect(await one.groups.leave("run-a")).toEqual(["run-c"]);
    });

    test("answer the same to who asks again, also where runs have yet to be ended", async () => {
      await storeRuns("run-a", "run-b", "run-c");
      await enter(one, "run-a");
      expect(await enter(other, "run-a")).toEqual({ kind: "start" });
      await enter(one, "run-b");
      expect(await enter(one, "run-b")).toEqual({ kind: "queue", behind: ["run-a"] });
      await enter(one, "run-c", true);
      expect(await enter(one, "run-c", true)).toEqual({ kind: "supersede", runs: ["run-a", "run-b"] });
    });

    test("are left by runs that have ended, whoever forgot to say so", async () => {
      await storeRuns("run-a", "run-b");
      await enter(one, "run-a");
      await enter(one, "run-b");
      expect(await one.groups.sweep()).toEqual([]);
      await servers[0]?.commit("run-a", ENDED);
      expect(await other.groups.sweep()).toEqual(["run-b"]);
      expect(await one.groups.isAdmitted("run-b")).toBe(true);
    });

    test("are entered by many at the same moment without two at work", async () => {
      const ids = Array.from({ length: 10 }, (_, index) => `run-${index}`);
      await storeRuns(...ids);
      const answers = await Promise.all(ids.map((id, index) => enter(index % 2 === 0 ? one : other, id)));
      expect(answers.filter(({ kind }) => kind === "start")).toHaveLength(1);
      const order: string[] = ids.filter((_, index) => answers[index]?.kind === "start");
      for (let index = 0; index < ids.length; index += 1) {
        order.push(...(await (index % 2 === 0 ? one : other).groups.leave(order[index] ?? "")));
      }
      expect(order.toSorted()).toEqual(ids.toSorted());
    });
  });

  describe("statuses", () => {
    async function take(stores: TriggerStores = one): Promise<OutboxEntry | null> {
      return await stores.statuses.take(5000, 6000);
    }

    test("come back as they were, to one server alone", async () => {
      const full = report({ url: "https://ci.test/runs/1", startedAt: 1, finishedAt: 2, state: "success" });
      expect(await one.statuses.put(full, { runNumber: 1, seq: 4 }, 1000)).toBe(true);
      const taken = await Promise.all([take(one), take(other), take(one), take(other)]);
      const entries = taken.filter((entry) => entry !== null);
      expect(entries).toHaveLength(1);
      expect(entries[0]).toMatchObject({
        report: full,
        version: { runNumber: 1, seq: 4 },
        attempts: 0,
        remoteId: null,
        updatedAt: 1000,
      });
    });

    test("that nobody was told of give way to later ones, never to earlier ones", async () => {
      await one.statuses.put(report({ state: "running" }), { runNumber: 2, seq: 5 }, 1000);
      expect(await one.statuses.put(report({ state: "pending" }), { runNumber: 2, seq: 1 }, 1001)).toBe(false);
      expect(await one.statuses.put(report({ state: "success" }), { runNumber: 1, seq: 99 }, 1001)).toBe(false);
      expect(await other.statuses.put(report({ state: "failure" }), { runNumber: 2, seq: 6 }, 1002)).toBe(true);
      expect((await take())?.report.state).toBe("failure");
      expect(await take()).toBeNull();
    });

    test("that come while another is told are told behind it", async () => {
      await one.statuses.put(report(), { runNumber: 1, seq: 1 }, 1000);
      const first = (await take()) as OutboxEntry;
      await one.statuses.put(report({ state: "success" }), { runNumber: 1, seq: 2 }, 1001);
      expect(await take()).toBeNull();
      await one.statuses.told(first, "remote-7");
      const second = (await take(other)) as OutboxEntry;
      expect(second).toMatchObject({ report: { state: "success" }, remoteId: "remote-7" });
      await other.statuses.told(second, "remote-7");
      expect(await take()).toBeNull();
      expect(await one.statuses.nextAttemptAt()).toBeNull();
    });

    test("of different commits and contexts do not wait for each other", async () => {
      await one.statuses.put(report(), { runNumber: 1, seq: 1 }, 1000);
      await one.statuses.put(report({ sha: "b".repeat(40) }), { runNumber: 1, seq: 1 }, 1001);
      await one.statuses.put(report({ context: "waybill/docs" }), { runNumber: 1, seq: 1 }, 1002);
      expect([await take(), await take(), await take()].every((entry) => entry !== null)).toBe(true);
    });

    test("that could not be told are tried later; those of a server that died by another", async () => {
      await one.statuses.put(report(), { runNumber: 1, seq: 1 }, 1000);
      await one.statuses.retry((await take()) as OutboxEntry, 9000, "no answer");
      expect(await take()).toBeNull();
      expect(await one.statuses.nextAttemptAt()).toBe(9000);
      const again = await other.statuses.take(9000, 9500);
      expect(again).toMatchObject({ attempts: 1 });
      expect(await one.statuses.take(9499, 9999)).toBeNull();
      expect(await one.statuses.take(9500, 9999)).toMatchObject({ attempts: 1 });
    });

    test("that never will be told are given up, and forgotten with those that were", async () => {
      await one.statuses.put(report(), { runNumber: 1, seq: 1 }, 1000);
      await one.statuses.giveUp((await take()) as OutboxEntry, "404");
      expect(await take()).toBeNull();
      await one.statuses.forget(2000);
      // Of what is forgotten an earlier version is new again.
      expect(await one.statuses.put(report(), { runNumber: 1, seq: 1 }, 3000)).toBe(true);
    });
  });
}
