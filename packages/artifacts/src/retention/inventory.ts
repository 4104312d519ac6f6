import type { ArtifactStorageBackend } from "../content/storage-backend.ts";
import { MANIFEST_MIME_TYPE } from "../manifest/manifest.ts";
import type { ArtifactRecords } from "../ports.ts";
import type { RetentionCandidate } from "./decide.ts";

/** One artifact of the store, under all the names it has. */
export interface StoredArtifact extends RetentionCandidate {
  readonly ref: string;
}

export interface Inventory {
  readonly artifacts: readonly StoredArtifact[];
  /** Hashes of the contents that are no artifacts themselves. */
  readonly contents: readonly string[];
}

interface Registration {
  readonly names: Set<string>;
  createdAt: number;
  sizeBytes: number;
  references: number;
}

/** Reads what there is and who relies on it. Every record that is in doubt counts for keeping. */
export async function takeInventory(backend: ArtifactStorageBackend, records: ArtifactRecords): Promise<Inventory> {
  const registrations = await registrationsOf(records);
  const artifacts: StoredArtifact[] = [];
  const contents: string[] = [];
  for await (const hash of backend.list()) {
    const info = await backend.info(hash);
    const registration = registrations.get(hash);
    // Metadata may be lost; what a run has under a name is an artifact all the same.
    if (registration === undefined && info?.mime_type !== MANIFEST_MIME_TYPE) {
      contents.push(hash);
      continue;
    }
    const claimedAt = (await backend.claimedAt(hash)) ?? 0;
    const known = info === null ? claimedAt : Date.parse(info.created_at);
    const accessed = info === null ? claimedAt : Date.parse(info.last_accessed);
    artifacts.push({
      ref: hash,
      names: registration === undefined ? [info?.original_name ?? ""] : [...registration.names],
      createdAt: Math.max(known, claimedAt, registration?.createdAt ?? 0),
      lastAccessed: Math.max(accessed, claimedAt),
      sizeBytes: registration?.sizeBytes ?? info?.size_bytes ?? 0,
      references: registration?.references ?? 0,
    });
  }
  return { artifacts, contents };
}

/** Refs that a run which has not settled may need, or that are pinned, with the number of their owners. */
export async function referencesOf(records: ArtifactRecords): Promise<ReadonlyMap<string, number>> {
  const registrations = await registrationsOf(records);
  return new Map([...registrations].map(([ref, { references }]) => [ref, references]));
}

async function registrationsOf(records: ArtifactRecords): Promise<Map<string, Registration>> {
  const byRef = new Map<string, Registration>();
  function of(ref: string): Registration {
    const known = byRef.get(ref) ?? { names: new Set(), createdAt: 0, sizeBytes: 0, references: 0 };
    byRef.set(ref, known);
    return known;
  }
  for (const { ref, name, createdAt, sizeBytes, isInUse } of await records.registered()) {
    const known = of(ref);
    known.names.add(name);
    known.createdAt = Math.max(known.createdAt, createdAt);
    known.sizeBytes = Math.max(known.sizeBytes, sizeBytes);
    if (isInUse) known.references += 1;
  }
  for (const { ref } of await records.pins()) of(ref).references += 1;
  return byRef;
}
