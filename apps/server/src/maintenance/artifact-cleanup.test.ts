import { openArtifactStore, RetentionPolicyEngine } from "@waybill/artifacts";
import { ManualClock } from "@waybill/core/testing";
import { openRunStore } from "@waybill/database";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { createServerLog } from "../server-log.ts";
import { ArtifactCleanup } from "./artifact-cleanup.ts";
import { readRetentionRules } from "./retention-file.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "waybill-cleanup-"));
  onTestFinished(() => rm(directory, { recursive: true }));
});

test("artifacts whose time is over go by themselves, and a full store is looked at more often", async () => {
  await writeFile(
    join(directory, "waybill-retention.yaml"),
    "max_total_size: 100KB\npolicies: [{ name: short, pattern: .*, max_age_days: 10 }]",
  );
  const { policies, maxStorageGb } = await readRetentionRules({ data: directory, retention: null });
  const clock = new ManualClock(Date.now());
  const runs = await openRunStore(join(directory, "waybill.db"));
  onTestFinished(() => runs.close());
  const store = openArtifactStore(join(directory, "artifacts"), { clock, maxStorageGb: maxStorageGb ?? 0 });
  const workspace = join(directory, "workspace");
  await mkdir(workspace);
  // Does not compress, so that it takes nine tenths of the space there is.
  await writeFile(join(workspace, "file"), crypto.getRandomValues(new Uint8Array(60_000)));
  await writeFile(join(workspace, "rest"), crypto.getRandomValues(new Uint8Array(30_000)));
  const patterns = { app: ["file", "rest"] };
  await store.save({ runId: "run", jobName: "build", workspace, patterns });

  const logged: string[] = [];
  const log = createServerLog(clock, (line) => logged.push(line));
  const engine = new RetentionPolicyEngine({
    backend: store.backend,
    records: runs.artifactRecords(),
    clock,
    policies,
  });
  const cleanup = new ArtifactCleanup(engine, clock, log);
  cleanup.start();
  clock.advance(60_000);
  await expect.poll(() => clock.pendingDelays()).toEqual([2 * HOUR]);
  expect(logged.join("")).toContain("getting full");
  expect((await store.backend.stats()).total_bytes).toBeGreaterThan(90_000);

  clock.advance(11 * DAY - 60_000 - 2 * HOUR);
  await expect.poll(async () => (await store.backend.stats()).total_bytes).toBeLessThan(10_000);
  await cleanup.stop();
  expect(clock.pendingDelays()).toEqual([]);
});

test("a file of rules that was named has to be there, and has to be one", async () => {
  const named = { data: directory, retention: join(directory, "other.yaml") };
  await expect(readRetentionRules(named)).rejects.toMatchObject({ code: "SERVER_SETTING_INVALID" });
  await writeFile(named.retention, "policies: 7");
  await expect(readRetentionRules(named)).rejects.toMatchObject({ code: "ARTIFACT_RULES_INVALID" });
});
