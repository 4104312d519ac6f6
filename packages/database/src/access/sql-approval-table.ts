import type { ApprovalDecision, ApprovalRecord, ApprovalTable } from "@waybill/access";
import type { SelectQueryBuilder } from "kysely";
import type { Tables } from "../schema/tables.ts";
import type { AccessSession } from "./session.ts";

/** More than a run has; nobody reads more at once. */
const MOST_OF_RUN = 1000;

type ApprovalQuery = SelectQueryBuilder<Tables, "approvals", Tables["approvals"]>;

export class SqlApprovalTable implements ApprovalTable {
  readonly #session: AccessSession;

  constructor(session: AccessSession) {
    this.#session = session;
  }

  async insert(approval: ApprovalRecord): Promise<boolean> {
    const insert = this.#session.db.insertInto("approvals").values({
      id: approval.id,
      project_id: approval.projectId,
      run_id: approval.runId,
      kind: approval.kind,
      subject: approval.subject,
      environment: approval.environment,
      digest: approval.digest,
      author_ids: JSON.stringify(approval.authorIds),
      approver_ids: JSON.stringify(approval.approverIds),
      required: approval.required,
      may_author_approve: Number(approval.mayAuthorApprove),
      status: approval.status,
      requested_by: approval.requestedBy,
      requested_at: approval.requestedAt,
      expires_at: approval.expiresAt,
      settled_at: approval.settledAt,
      version: approval.version,
    });
    const query = insert.onConflict((conflict) => conflict.doNothing());
    return (await this.#session.guard(() => query.executeTakeFirst())).numInsertedOrUpdatedRows === 1n;
  }

  async find(id: string): Promise<ApprovalRecord | null> {
    return (await this.#read(this.#all().where("id", "=", id)))[0] ?? null;
  }

  ofRun(runId: string): Promise<readonly ApprovalRecord[]> {
    return this.#read(this.#all().where("run_id", "=", runId).limit(MOST_OF_RUN));
  }

  async pending(projectIds: readonly string[] | null, limit: number): Promise<readonly ApprovalRecord[]> {
    if (projectIds?.length === 0) return [];
    let query = this.#all().where("status", "=", "pending").limit(limit);
    if (projectIds !== null) query = query.where("project_id", "in", [...projectIds]);
    return await this.#read(query);
  }

  due(now: number, limit: number): Promise<readonly ApprovalRecord[]> {
    return this.#read(this.#all().where("status", "=", "pending").where("expires_at", "<=", now).limit(limit));
  }

  async update(approval: ApprovalRecord, decision: ApprovalDecision | null): Promise<boolean> {
    const { db } = this.#session;
    const update = db
      .updateTable("approvals")
      .set({ status: approval.status, settled_at: approval.settledAt, version: approval.version })
      .where("id", "=", approval.id)
      .where("version", "=", approval.version - 1);
    const { numUpdatedRows } = await this.#session.guard(() => update.executeTakeFirst());
    if (numUpdatedRows !== 1n) return false;
    if (decision === null) return true;
    const insert = db.insertInto("approval_decisions").values({
      approval_id: approval.id,
      position: approval.decisions.length - 1,
      user_id: decision.userId,
      actor_id: decision.actorId,
      verdict: decision.verdict,
      comment: decision.comment,
      decided_at: decision.decidedAt,
    });
    await this.#session.guard(() => insert.execute());
    return true;
  }

  #all(): ApprovalQuery {
    return this.#session.db.selectFrom("approvals").selectAll().orderBy("requested_at").orderBy("id");
  }

  async #read(query: ApprovalQuery): Promise<readonly ApprovalRecord[]> {
    const { db, rows } = this.#session;
    const approvals = await this.#session.guard(() => query.execute());
    if (approvals.length === 0) return [];
    const decisionQuery = db
      .selectFrom("approval_decisions")
      .selectAll()
      .where(
        "approval_id",
        "in",
        approvals.map(({ id }) => id),
      )
      .orderBy("position");
    const decisions = new Map<string, ApprovalDecision[]>();
    for (const row of await this.#session.guard(() => decisionQuery.execute())) {
      const { approvalId, decision } = rows.decision(row);
      const others = decisions.get(approvalId);
      if (others === undefined) decisions.set(approvalId, [decision]);
      else others.push(decision);
    }
    return approvals.map((row) => rows.approval(row, decisions.get(row.id) ?? []));
  }
}
