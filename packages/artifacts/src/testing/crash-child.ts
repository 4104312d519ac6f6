/**
 * The process that the crash tests kill: saves, restores and cleans up over and over.
 *
 *     node crash-child.ts <store> <workspace> <target> <ref that a run still needs>
 */
import { randomBytes } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "@waybill/core";
import { openArtifactStore } from "../content-addressed-store.ts";
import { RetentionPolicyEngine } from "../retention/retention-policy-engine.ts";
import { MemoryArtifactRecords } from "./memory-records.ts";

const [, , directory = "", workspace = "", target = "", needed = ""] = process.argv;

// So much later that all goes but what is needed.
const clock = { ...systemClock, now: () => Date.now() + 40 * 86_400_000 };
const store = openArtifactStore(directory);
const records = new MemoryArtifactRecords();
records.artifacts.push({
  ...{ ref: needed, runId: "run", runNumber: 1, pipeline: "demo", job: "build", name: "needed" },
  ...{ sizeBytes: 0, fileCount: 0, createdAt: 0, isInUse: true },
});
const retention = new RetentionPolicyEngine({ backend: store.backend, records, clock });

process.stdout.write("up\n");
for (let round = 0; ; round += 1) {
  await writeFile(join(workspace, "tree", String(round % 300)), randomBytes(100));
  await writeFile(join(workspace, "large"), Buffer.concat([randomBytes(2_000_000), Buffer.alloc(2_000_000, "text ")]));
  const patterns = { all: ["."], small: ["tree"] };
  const saved = await store.save({ runId: `run-${round}`, jobName: "build", workspace, patterns });
  await rm(target, { recursive: true, force: true });
  await mkdir(target);
  await store.restore(saved.slice(0, 1), target);
  await retention.collect();
}
