import type { ArtifactRecords, AuditEntry, Pin, RegisteredArtifact } from "../ports.ts";

/** Records that are gone with the process. The ones on SQL are tested in `@waybill/database`. */
export class MemoryArtifactRecords implements ArtifactRecords {
  readonly artifacts: RegisteredArtifact[] = [];
  readonly pinned: Pin[] = [];
  readonly trail: AuditEntry[] = [];
  #isLocked = false;

  registered(): Promise<readonly RegisteredArtifact[]> {
    return Promise.resolve([...this.artifacts]);
  }

  pins(): Promise<readonly Pin[]> {
    return Promise.resolve([...this.pinned]);
  }

  pin(pin: Pin): Promise<boolean> {
    this.pinned.push(pin);
    return Promise.resolve(true);
  }

  unpin(ref: string): Promise<boolean> {
    const at = this.pinned.findIndex((pin) => pin.ref === ref);
    if (at !== -1) this.pinned.splice(at, 1);
    return Promise.resolve(at !== -1);
  }

  audit(entries: readonly AuditEntry[]): Promise<void> {
    this.trail.push(...entries);
    return Promise.resolve();
  }

  auditTrail(limit: number): Promise<readonly AuditEntry[]> {
    return Promise.resolve(this.trail.toReversed().slice(0, limit));
  }

  lockCleanup(): Promise<{ release(): Promise<void> } | null> {
    if (this.#isLocked) return Promise.resolve(null);
    this.#isLocked = true;
    return Promise.resolve({
      release: () => {
        this.#isLocked = false;
        return Promise.resolve();
      },
    });
  }
}
