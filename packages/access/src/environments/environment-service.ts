import { suggestNames, systemClock, systemIds, WaybillError, type Clock, type Ids } from "@waybill/core";
import { authorize } from "../permissions/may.ts";
import type { Principal } from "../permissions/principal.ts";
import { isAtLeast } from "../permissions/roles.ts";
import type { AccessStore, AccessTransaction } from "../ports.ts";
import type { AuditAction } from "../audit/actions.ts";
import { checkEnvironment, NO_RULES, type EnvironmentRecord, type EnvironmentRules } from "./environment.ts";

export const MAX_ENVIRONMENTS_OF_PROJECT = 100;

export interface NewEnvironment extends Partial<EnvironmentRules> {
  readonly projectId: string;
  readonly name: string;
  readonly description?: string;
}

export type EnvironmentChange = Partial<EnvironmentRules & Pick<EnvironmentRecord, "description">>;

/** The environments of projects and what each asks for. */
export class EnvironmentService {
  readonly #store: AccessStore;
  readonly #clock: Clock;
  readonly #ids: Ids;

  constructor(store: AccessStore, clock: Clock = systemClock, ids: Ids = systemIds) {
    this.#store = store;
    this.#clock = clock;
    this.#ids = ids;
  }

  /** By name. */
  async ofProject(projectId: string): Promise<readonly EnvironmentRecord[]> {
    return await this.#store.tables.environments.ofProject(projectId);
  }

  /** Null: the project has none of this name. */
  async find(projectId: string, name: string): Promise<EnvironmentRecord | null> {
    return await this.#store.tables.environments.find(projectId, name);
  }

  /** @throws WaybillError `ACCESS_DENIED`, `ENVIRONMENT_UNKNOWN` */
  async get(by: Principal, projectId: string, name: string): Promise<EnvironmentRecord> {
    authorize(by, "environments:read", projectId);
    return await this.#known(this.#store.tables, projectId, name);
  }

  /** @throws WaybillError `ACCESS_DENIED`, `ENVIRONMENT_INVALID`, `ENVIRONMENT_NAME_TAKEN`, `ENVIRONMENTS_TOO_MANY` */
  async create(
    by: Principal,
    { projectId, name, description = "", ...rules }: NewEnvironment,
  ): Promise<EnvironmentRecord> {
    authorize(by, "environments:write", projectId);
    const now = this.#clock.now();
    const environment: EnvironmentRecord = {
      ...NO_RULES,
      ...rules,
      ...{ id: this.#ids.next(), projectId, name, description },
      ...{ createdAt: now, updatedAt: now, updatedBy: by.actorId },
    };
    checkEnvironment(environment);
    return await this.#store.transaction(async (tx) => {
      await tx.environments.lock(projectId);
      await checkApprovers(tx, environment);
      const others = await tx.environments.ofProject(projectId);
      if (others.some((other) => other.name === name)) {
        throw new WaybillError("ENVIRONMENT_NAME_TAKEN", { environment: name });
      }
      if (others.length >= MAX_ENVIRONMENTS_OF_PROJECT) {
        throw new WaybillError("ENVIRONMENTS_TOO_MANY", { limit: MAX_ENVIRONMENTS_OF_PROJECT });
      }
      await tx.environments.insert(environment);
      this.#audit(tx, by, "ENVIRONMENT_CREATED", environment);
      return environment;
    });
  }

  /**
   * Changes what it says. Jobs that are held go by its branches from then on, and go on where it asks for no approval any
   * more; what an approval asks for that somebody could have given already stays as it was asked.
   *
   * @throws WaybillError `ACCESS_DENIED`, `ENVIRONMENT_INVALID`, `ENVIRONMENT_UNKNOWN`
   */
  async change(by: Principal, projectId: string, name: string, change: EnvironmentChange): Promise<EnvironmentRecord> {
    authorize(by, "environments:write", projectId);
    return await this.#store.transaction(async (tx) => {
      await tx.environments.lock(projectId);
      const before = await this.#known(tx, projectId, name);
      const after = { ...before, ...change, updatedAt: this.#clock.now(), updatedBy: by.actorId };
      checkEnvironment(after);
      if (change.approverIds !== undefined) await checkApprovers(tx, after);
      await tx.environments.update(after);
      this.#audit(tx, by, "ENVIRONMENT_CHANGED", after);
      return after;
    });
  }

  /** Its secrets stay, and are no job's while there is none of its name. @throws WaybillError `ACCESS_DENIED`, `ENVIRONMENT_UNKNOWN` */
  async remove(by: Principal, projectId: string, name: string): Promise<void> {
    authorize(by, "environments:write", projectId);
    await this.#store.transaction(async (tx) => {
      await tx.environments.lock(projectId);
      const environment = await this.#known(tx, projectId, name);
      await tx.environments.remove(environment.id);
      this.#audit(tx, by, "ENVIRONMENT_REMOVED", environment);
    });
  }

  async #known(
    { environments }: Pick<AccessTransaction, "environments">,
    projectId: string,
    name: string,
  ): Promise<EnvironmentRecord> {
    const environment = await environments.find(projectId, name);
    if (environment !== null) return environment;
    throw unknownEnvironment(name, await environments.ofProject(projectId));
  }

  #audit(tx: AccessTransaction, by: Principal, action: AuditAction, of: EnvironmentRecord): void {
    tx.audit({
      time: this.#clock.now(),
      actorId: by.actorId,
      action,
      resource: `environment:${of.name}`,
      projectId: of.projectId,
      context: {
        branches: of.branches.join(" ").slice(0, 1000),
        required_approvals: of.requiredApprovals,
        approvers: [...of.approverIds],
        prevent_self_approval: of.preventSelfApproval,
      },
    });
  }
}

/** Names what was meant, or what there is. */
export function unknownEnvironment(name: string, known: readonly Pick<EnvironmentRecord, "name">[]): WaybillError {
  const names = known.map((each) => each.name);
  const close = suggestNames(name, names).map((each) => `"${each}"`);
  const hint =
    close.length > 0
      ? `Did you mean ${close.join(" or ")}?`
      : names.length === 0
        ? "The project has none."
        : `The project has: ${names.slice(0, 20).join(", ")}.`;
  return new WaybillError("ENVIRONMENT_UNKNOWN", { environment: name, hint });
}

/** Whoever is named must be able to approve now; whether somebody still is, is asked when they do. */
async function checkApprovers(
  tx: AccessTransaction,
  { name, projectId, approverIds }: EnvironmentRecord,
): Promise<void> {
  for (const id of approverIds) {
    const user = await tx.users.find(id);
    if (user === null || user.disabledAt !== null) throw new WaybillError("USER_UNKNOWN", { user: id });
    if (user.isServerAdmin || isAtLeast((await tx.users.roles(id)).get(projectId), "approver")) continue;
    const detail = `${user.name} is no approver of the project`;
    throw new WaybillError("ENVIRONMENT_INVALID", { environment: name, detail });
  }
}
