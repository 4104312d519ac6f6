import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runStoreConformance } from "@waybill/engine/testing";
import { afterAll, beforeAll } from "vitest";
import { describeWith } from "../../../test/support/requires.ts";
import { openRunStore } from "./open-run-store.ts";
import { PostgresDatabase } from "../../../test/support/postgres-database.ts";
import { spawnProgram } from "./testing/spawn-program.ts";

runStoreConformance("SQLite", async () => {
  const directory = await mkdtemp(join(tmpdir(), "waybill-database-"));
  const path = join(directory, "waybill.db");
  return {
    open: () => openRunStore(path),
    spawnWriter: (runId) => spawnProgram("writer", path, runId),
    dispose: () => rm(directory, { recursive: true }),
  };
});

describeWith("postgres", "PostgreSQL", () => {
  let database: PostgresDatabase;

  beforeAll(async () => {
    database = await PostgresDatabase.create();
  });

  afterAll(() => database.drop());

  runStoreConformance("PostgreSQL", () =>
    Promise.resolve({
      open: () => openRunStore(database.url),
      spawnWriter: (runId) => spawnProgram("writer", database.url, runId),
      dispose: () => database.clear(),
    }),
  );
});
