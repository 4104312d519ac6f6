export { ContentAddressedStore, openArtifactStore, type ArtifactStoreOptions } from "./content-addressed-store.ts";
export type { ArtifactInfo } from "./content/artifact-info.ts";
export { isContentHash } from "./content/hashes.ts";
export type { StorageStats } from "./content/storage-backend.ts";
export type { VerificationRecord, VerificationResult } from "./content/verification.ts";
export { contentsOf, type Manifest } from "./manifest/manifest.ts";
export * from "./ports.ts";
export { keptUntil, type KeptUntil } from "./retention/kept-until.ts";
export {
  actionOf,
  cleanupIntervalHours,
  PRESSURE_LEVELS,
  pressureLevel,
  type PressureLevel,
} from "./retention/pressure.ts";
export {
  DEFAULT_RULES,
  MAX_RULES_BYTES,
  parseRetentionRules,
  type RetentionRules,
} from "./retention/retention-rules.ts";
export { DEFAULT_POLICIES, type RetentionPolicy } from "./retention/policy.ts";
export { RetentionPolicyEngine, type CleanupOptions, type CleanupReport } from "./retention/retention-policy-engine.ts";
