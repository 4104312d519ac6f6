import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { artifactStoreConformance } from "@waybill/engine/testing";
import { openArtifactStore } from "./content-addressed-store.ts";

artifactStoreConformance("by content", async () => {
  const directory = await mkdtemp(join(tmpdir(), "waybill-artifacts-"));
  return { open: () => openArtifactStore(directory), dispose: () => rm(directory, { recursive: true }) };
});
