import { decryptSecret, encryptSecret, type KeyRing } from "@waybill/access";
import { WaybillError, type Alongside, type Clock, type Ids } from "@waybill/core";
import type { Repository, WebhookSecret, WebhookSecretRecord, WebhookSecretStore } from "@waybill/projects";
import { randomBytes } from "node:crypto";

export interface NewWebhookSecret {
  readonly source: string;
  /** Null: one is made. */
  readonly value: string | null;
  /** Under which the forge knows the repository; null: the one it is fetched from. */
  readonly address: string | null;
  /** How long those before it are valid, too: milliseconds. */
  readonly overlapMs: number;
}

export interface CreatedWebhookSecret {
  readonly record: WebhookSecretRecord;
  /** Nobody gets to see it again. */
  readonly value: string;
}

/** Secrets of one repository and source that are kept; more are a mistake of a script. */
const MAX_KEPT = 20;
const SECRET_BYTES = 32;

/**
 * What webhooks are signed with. A hash is not enough to check a signature, so they are encrypted with the keys that
 * secrets of jobs are encrypted with; they lie in a table of their own, and no job is ever given one.
 */
export class WebhookSecrets {
  readonly #store: WebhookSecretStore;
  readonly #ring: KeyRing;
  readonly #clock: Clock;
  readonly #ids: Ids;

  constructor(store: WebhookSecretStore, ring: KeyRing, clock: Clock, ids: Ids) {
    this.#store = store;
    this.#ring = ring;
    this.#clock = clock;
    this.#ids = ids;
  }

  /**
   * @param alongside what is stored together with it, by its id
   * @throws WaybillError `WEBHOOK_SECRETS_TOO_MANY`
   */
  async create(
    repository: Repository,
    { source, value, address, overlapMs }: NewWebhookSecret,
    alongside?: (id: string) => Alongside,
  ): Promise<CreatedWebhookSecret> {
    const now = this.#clock.now();
    const kept = (await this.#store.ofRepository(repository.id)).filter((secret) => secret.source === source);
    if (kept.length >= MAX_KEPT) throw new WaybillError("WEBHOOK_SECRETS_TOO_MANY", { limit: MAX_KEPT });
    const id = this.#ids.next();
    const secret = value ?? generated(source);
    const encrypted = encryptSecret(this.#ring, placeOf(id, repository.id), secret);
    const record = { id, repositoryId: repository.id, source, address, ...encrypted, createdAt: now, expiresAt: null };
    await this.#store.insert(record, now + overlapMs, alongside?.(id));
    return { record, value: secret };
  }

  /**
   * Those that a webhook may be signed with. One that cannot be decrypted is left out: webhooks with it are refused.
   * @param repositoryId null: of all repositories
   */
  async valid(source: string, repositoryId: string | null): Promise<readonly WebhookSecret[]> {
    const records = await this.#store.valid(source, repositoryId, this.#clock.now());
    return records.flatMap((record) => {
      const value = this.#tryDecrypt(record);
      return value === null ? [] : [{ id: record.id, value }];
    });
  }

  find(id: string): Promise<WebhookSecretRecord | null> {
    return this.#store.find(id);
  }

  ofRepository(repositoryId: string): Promise<readonly WebhookSecretRecord[]> {
    return this.#store.ofRepository(repositoryId);
  }

  remove(repositoryId: string, id: string, alongside?: Alongside): Promise<boolean> {
    return this.#store.remove(repositoryId, id, alongside);
  }

  /** Encrypts anew what is not encrypted with the newest key. @returns those that no key decrypts */
  async reencrypt(): Promise<readonly WebhookSecretRecord[]> {
    const unreadable: WebhookSecretRecord[] = [];
    for (const record of await this.#store.notEncryptedWith(this.#ring.primary.id)) {
      const value = this.#tryDecrypt(record);
      if (value === null) {
        unreadable.push(record);
        continue;
      }
      const encrypted = encryptSecret(this.#ring, placeOf(record.id, record.repositoryId), value);
      await this.#store.reencrypt(record.id, encrypted, record.ciphertext);
    }
    return unreadable;
  }

  #tryDecrypt({ id, repositoryId, ciphertext }: WebhookSecretRecord): string | null {
    try {
      return decryptSecret(this.#ring, placeOf(id, repositoryId), ciphertext);
    } catch (error) {
      if (error instanceof WaybillError && error.code === "SECRET_UNREADABLE") return null;
      throw error;
    }
  }
}

/** A name that no secret of a job can have, so that neither can stand in the other's place. */
function placeOf(id: string, repositoryId: string): Parameters<typeof encryptSecret>[1] {
  return { projectId: repositoryId, name: `webhook:${id}`, environment: "", branch: "" };
}

/** In the form that the source takes. */
function generated(source: string): string {
  const bytes = randomBytes(SECRET_BYTES);
  return source === "generic" ? `whsec_${bytes.toString("base64")}` : bytes.toString("base64url");
}
