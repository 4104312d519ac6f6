import type { ArtifactStore } from "@waybill/engine";
import type { ServerMetrics } from "./metrics.ts";

/** The same store for the engine, which counts the bytes that jobs hand it and get from it. */
export function countedArtifacts(store: ArtifactStore, metrics: ServerMetrics): ArtifactStore {
  return {
    async save(request) {
      try {
        const saved = await store.save(request);
        metrics.transferred("workspace", "store", "success", bytesOf(saved));
        return saved;
      } catch (error) {
        metrics.transferred("workspace", "store", "failed", 0);
        throw error;
      }
    },
    async restore(artifacts, workspace, onProgress) {
      try {
        await store.restore(artifacts, workspace, onProgress);
        metrics.transferred("store", "workspace", "success", bytesOf(artifacts));
      } catch (error) {
        metrics.transferred("store", "workspace", "failed", 0);
        throw error;
      }
    },
  };
}

function bytesOf(artifacts: readonly { readonly sizeBytes: number }[]): number {
  return artifacts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
