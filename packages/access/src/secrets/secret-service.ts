import { MIN_SECRET_LENGTH, systemClock, systemIds, WaybillError, type Clock, type Ids } from "@waybill/core";
import { authorize } from "../permissions/may.ts";
import type { Principal } from "../permissions/principal.ts";
import type { AccessStore } from "../ports.ts";
import type { SecretKey, SecretRecord } from "../records.ts";
import { decryptSecret, encryptSecret } from "./envelope.ts";
import type { KeyRing } from "./key-ring.ts";
import { byPrecedence, isFor, scopeText, type SecretTarget } from "./scope.ts";

export const MAX_SECRETS_OF_PROJECT = 500;
export const MAX_SECRET_BYTES = 32 * 1024;
const MAX_NAME = 128;
const MAX_SCOPE = 200;

/** Names in one audit entry; a run with more has the number of the others. */
const MAX_AUDITED_NAMES = 40;

/** What people may see of a secret. */
export interface SecretInfo {
  readonly id: string;
  readonly name: string;
  readonly environment: string;
  readonly branch: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly updatedBy: string;
}

/** A job that asks for its secrets. */
export interface SecretsRequest extends SecretTarget {
  readonly projectId: string;
  readonly runId: string;
  readonly jobName: string;
  /** Whether the code comes from a fork, so from somebody who need not be of the project. */
  readonly isFork: boolean;
  /** Whether somebody who may has let the fork's run have secrets. */
  readonly isApproved: boolean;
}

export interface ReencryptReport {
  readonly reencrypted: number;
  /** Those that no key of the ring decrypts; they stay as they are. */
  readonly unreadable: readonly SecretInfo[];
}

/** Secrets, which come in and go to jobs; nobody else sees a value again. */
export class SecretService {
  readonly #store: AccessStore;
  readonly #ring: KeyRing;
  readonly #clock: Clock;
  readonly #ids: Ids;

  constructor(store: AccessStore, ring: KeyRing, clock: Clock = systemClock, ids: Ids = systemIds) {
    this.#store = store;
    this.#ring = ring;
    this.#clock = clock;
    this.#ids = ids;
  }

  /**
   * Keeps a value under a name and scope, in place of the one that was there.
   *
   * @throws WaybillError `ACCESS_DENIED`, `SECRET_INVALID`, `SECRET_SCOPE_INVALID`, `SECRETS_TOO_MANY`
   */
  async set(by: Principal, key: SecretKey, value: string): Promise<SecretInfo> {
    authorize(by, "secrets:write", key.projectId);
    checkKey(key);
    checkValue(key.name, value);
    const now = this.#clock.now();
    const encrypted = encryptSecret(this.#ring, key, value);
    return await this.#store.transaction(async (tx) => {
      await tx.secrets.lock(key.projectId);
      const count = await tx.secrets.count(key.projectId);
      const existing = await tx.secrets.find(key);
      if (existing === null && count >= MAX_SECRETS_OF_PROJECT) {
        throw new WaybillError("SECRETS_TOO_MANY", { limit: MAX_SECRETS_OF_PROJECT });
      }
      const secret: SecretRecord = {
        projectId: key.projectId,
        name: key.name,
        environment: key.environment,
        branch: key.branch,
        ...encrypted,
        id: existing?.id ?? this.#ids.next(),
        createdAt: existing?.createdAt ?? now,
        updatedAt: now,
        updatedBy: by.actorId,
      };
      if (existing === null) await tx.secrets.insert(secret);
      else await tx.secrets.replace(secret, null);
      tx.audit({
        time: now,
        actorId: by.actorId,
        action: existing === null ? "SECRET_CREATED" : "SECRET_CHANGED",
        ...aboutSecret(secret),
      });
      return infoOf(secret);
    });
  }

  /** @throws WaybillError `ACCESS_DENIED`, `SECRET_UNKNOWN` */
  async remove(by: Principal, key: SecretKey): Promise<void> {
    authorize(by, "secrets:write", key.projectId);
    await this.#store.transaction(async (tx) => {
      await tx.secrets.lock(key.projectId);
      const existing = await tx.secrets.find(key);
      if (existing === null || !(await tx.secrets.remove(existing.id))) {
        throw new WaybillError("SECRET_UNKNOWN", { secret: key.name, scope: scopeText(key) });
      }
      tx.audit({
        time: this.#clock.now(),
        actorId: by.actorId,
        action: "SECRET_REMOVED",
        ...aboutSecret(existing),
      });
    });
  }

  /** Names, scopes and dates. @throws WaybillError `ACCESS_DENIED` */
  async list(by: Principal, projectId: string): Promise<readonly SecretInfo[]> {
    authorize(by, "secrets:list", projectId);
    return (await this.#store.tables.secrets.ofProject(projectId)).map(infoOf);
  }

  /**
   * The secrets a job gets, by name; of several of a name the one that comes first by `byPrecedence`. The run of a fork
   * gets none unless it was approved. That the job got them is in the audit log before it has them.
   *
   * @throws WaybillError `SECRET_UNREADABLE`: a job does not run without a secret that is meant for it
   */
  async secretsFor(by: Principal, request: SecretsRequest): Promise<ReadonlyMap<string, string>> {
    const chosen = await this.#chosenFor(request);
    const values = new Map([...chosen].map(([name, secret]) => [name, this.#decrypt(secret)]));
    if (values.size > 0) await this.#tellOfUse(by, request, [...values.keys()].toSorted());
    return values;
  }

  /** Names of the secrets that `secretsFor` would give; nobody has them by that. */
  async namesFor(request: SecretsRequest): Promise<readonly string[]> {
    return [...(await this.#chosenFor(request)).keys()];
  }

  async #chosenFor(request: SecretsRequest): Promise<ReadonlyMap<string, SecretRecord>> {
    const chosen = new Map<string, SecretRecord>();
    if (request.isFork && !request.isApproved) return chosen;
    const stored = await this.#store.tables.secrets.ofProject(request.projectId);
    for (const secret of stored.filter((candidate) => isFor(candidate, request)).toSorted(byPrecedence)) {
      if (!chosen.has(secret.name)) chosen.set(secret.name, secret);
    }
    return chosen;
  }

  /** Keys that stored secrets need and the ring does not have: for a check at start-up, before a job fails for it. */
  async missingKeys(): Promise<readonly string[]> {
    const needed = await this.#store.tables.secrets.keyIds();
    return needed.filter((id) => this.#ring.find(id) === undefined);
  }

  /**
   * Encrypts anew what is not encrypted with the newest key, a batch in each transaction. Interrupted at any instant, it
   * goes on where it was when it is called again; secrets that are set meanwhile stay as they are set.
   */
  async reencrypt(by: Principal, batch = 100): Promise<ReencryptReport> {
    const keyId = this.#ring.primary.id;
    const unreadable: SecretInfo[] = [];
    let reencrypted = 0;
    let afterId = "";
    for (;;) {
      const secrets = await this.#store.tables.secrets.notEncryptedWith(keyId, afterId, batch);
      const last = secrets.at(-1);
      if (last === undefined) return { reencrypted, unreadable };
      afterId = last.id;
      const replacements = secrets.flatMap((secret) => {
        const value = this.#tryDecrypt(secret);
        if (value === null) unreadable.push(infoOf(secret));
        return value === null ? [] : [{ secret, encrypted: encryptSecret(this.#ring, secret, value) }];
      });
      reencrypted += await this.#store.transaction(async (tx) => {
        let count = 0;
        for (const { secret, encrypted } of replacements) {
          if (await tx.secrets.replace({ ...secret, ...encrypted }, secret.ciphertext)) count += 1;
        }
        if (count > 0) {
          tx.audit({
            time: this.#clock.now(),
            actorId: by.actorId,
            action: "SECRETS_REENCRYPTED",
            resource: `secrets-key:${keyId}`,
            projectId: null,
            context: { count },
          });
        }
        return count;
      });
    }
  }

  #decrypt(secret: SecretRecord): string {
    return decryptSecret(this.#ring, secret, secret.ciphertext);
  }

  #tryDecrypt(secret: SecretRecord): string | null {
    try {
      return this.#decrypt(secret);
    } catch (error) {
      if (error instanceof WaybillError && error.code === "SECRET_UNREADABLE") return null;
      throw error;
    }
  }

  async #tellOfUse(by: Principal, request: SecretsRequest, names: readonly string[]): Promise<void> {
    const { runId, jobName, environment, branch, projectId } = request;
    const others = names.length - MAX_AUDITED_NAMES;
    await this.#store.transaction((tx) => {
      tx.audit({
        time: this.#clock.now(),
        actorId: by.actorId,
        action: "SECRET_ACCESSED",
        resource: `run:${runId}`,
        projectId,
        context: {
          job: clip(jobName),
          environment: clip(environment ?? ""),
          branch: clip(branch ?? ""),
          names: names.slice(0, MAX_AUDITED_NAMES),
          ...(others > 0 ? { others } : {}),
        },
      });
      return Promise.resolve();
    });
  }
}

function checkKey({ name, environment, branch }: SecretKey): void {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || name.length > MAX_NAME) {
    throw new WaybillError("SECRET_INVALID", {
      secret: clip(name),
      detail: `its name is not that of an environment variable of ${MAX_NAME} characters at most`,
    });
  }
  for (const [what, text] of Object.entries({ environment, branch })) {
    // oxlint-disable-next-line no-control-regex -- they are what is refused
    const problem = /[\u0000-\u0020\u007F]/.test(text) || !text.isWellFormed() ? "characters it cannot have" : null;
    const detail = text.length > MAX_SCOPE ? `more than ${MAX_SCOPE} characters` : problem;
    if (detail !== null) throw new WaybillError("SECRET_SCOPE_INVALID", { secret: name, detail: `${what}: ${detail}` });
  }
  if (environment.includes("*")) {
    throw new WaybillError("SECRET_SCOPE_INVALID", { secret: name, detail: "environment: no patterns" });
  }
}

/** Shorter values are not taken out of logs: too much else looks like them. */
function checkValue(name: string, value: string): void {
  const bytes = Buffer.byteLength(value);
  const detail =
    bytes < MIN_SECRET_LENGTH
      ? `its value has fewer than ${MIN_SECRET_LENGTH} bytes and would show in logs`
      : bytes > MAX_SECRET_BYTES
        ? `its value has more than ${MAX_SECRET_BYTES / 1024} KiB`
        : value.includes("\0")
          ? "its value has a NUL character, which no environment variable can hold"
          : !value.isWellFormed()
            ? "its value is not Unicode text"
            : null;
  if (detail !== null) throw new WaybillError("SECRET_INVALID", { secret: name, detail });
}

/** Of names that come from a repository: an audit entry must not fail for their length. */
function clip(text: string): string {
  return text.slice(0, MAX_SCOPE);
}

function aboutSecret({ name, environment, branch, projectId }: SecretKey): {
  readonly resource: string;
  readonly projectId: string;
  readonly context: Readonly<Record<string, string>>;
} {
  return { resource: `secret:${name}`, projectId, context: { environment, branch } };
}

function infoOf({ id, name, environment, branch, createdAt, updatedAt, updatedBy }: SecretRecord): SecretInfo {
  return { id, name, environment, branch, createdAt, updatedAt, updatedBy };
}
