import type { EnvironmentRecord, EnvironmentTable } from "@waybill/access";
import type { AccessSession } from "./session.ts";

export class SqlEnvironmentTable implements EnvironmentTable {
  readonly #session: AccessSession;

  constructor(session: AccessSession) {
    this.#session = session;
  }

  async find(projectId: string, name: string): Promise<EnvironmentRecord | null> {
    const { db, rows } = this.#session;
    const query = db
      .selectFrom("environments")
      .selectAll()
      .where("project_id", "=", projectId)
      .where("name", "=", name);
    const row = await this.#session.guard(() => query.executeTakeFirst());
    return row === undefined ? null : rows.environment(row);
  }

  async ofProject(projectId: string): Promise<readonly EnvironmentRecord[]> {
    const { db, rows } = this.#session;
    const query = db.selectFrom("environments").selectAll().where("project_id", "=", projectId).orderBy("name");
    return (await this.#session.guard(() => query.execute())).map((row) => rows.environment(row));
  }

  async lock(projectId: string): Promise<void> {
    await this.#session.lock(`environments ${projectId}`);
  }

  async insert(environment: EnvironmentRecord): Promise<void> {
    const { id, projectId, name, createdAt } = environment;
    const values = { id, project_id: projectId, name, created_at: createdAt, ...changeable(environment) };
    const query = this.#session.db.insertInto("environments").values(values);
    await this.#session.guard(() => query.execute());
  }

  async update(environment: EnvironmentRecord): Promise<void> {
    const { db } = this.#session;
    const query = db.updateTable("environments").set(changeable(environment)).where("id", "=", environment.id);
    await this.#session.guard(() => query.execute());
  }

  async remove(id: string): Promise<void> {
    const query = this.#session.db.deleteFrom("environments").where("id", "=", id);
    await this.#session.guard(() => query.execute());
  }
}

interface ChangeableColumns {
  readonly description: string;
  readonly branches: string;
  readonly required_approvals: number;
  readonly approver_ids: string;
  readonly prevent_self_approval: number;
  readonly updated_at: number;
  readonly updated_by: string;
}

function changeable(environment: EnvironmentRecord): ChangeableColumns {
  return {
    description: environment.description,
    branches: JSON.stringify(environment.branches),
    required_approvals: environment.requiredApprovals,
    approver_ids: JSON.stringify(environment.approverIds),
    prevent_self_approval: Number(environment.preventSelfApproval),
    updated_at: environment.updatedAt,
    updated_by: environment.updatedBy,
  };
}
