import { slipStoreConformance } from "../testing/slip-store-conformance.ts";
import { MemorySlipStore } from "./memory-store.ts";

slipStoreConformance("memory", () => {
  const store = new MemorySlipStore();
  return Promise.resolve({ open: () => Promise.resolve(store), dispose: () => Promise.resolve() });
});
