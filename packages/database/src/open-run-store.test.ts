import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runStoreConformance } from "@waybill/engine/testing";
import { openRunStore } from "./open-run-store.ts";

runStoreConformance("SQLite", async () => {
  const directory = await mkdtemp(join(tmpdir(), "waybill-database-"));
  const path = join(directory, "waybill.db");
  return {
    open: () => openRunStore(path),
    spawnWriter: (runId) =>
      spawn(process.execPath, [fileURLToPath(new URL("testing/writer.ts", import.meta.url)), path, runId], {
        stdio: ["ignore", "ignore", "inherit"],
      }),
    dispose: () => rm(directory, { recursive: true }),
  };
});
