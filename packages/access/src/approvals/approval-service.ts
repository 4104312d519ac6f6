import { systemClock, systemIds, WaybillError, type Clock, type Ids } from "@waybill/core";
import { authorize } from "../permissions/may.ts";
import type { Principal } from "../permissions/principal.ts";
import type { AccessStore, AccessTransaction } from "../ports.ts";
import {
  cancel,
  decide,
  expire,
  MAX_COMMENT,
  MAX_REQUIRED,
  type ApprovalDecision,
  type ApprovalKind,
  type ApprovalRecord,
} from "./approval.ts";

export interface ApprovalRequest {
  readonly projectId: string;
  readonly runId: string;
  readonly kind: ApprovalKind;
  readonly subject?: string;
  readonly environment?: string;
  readonly digest: string;
  readonly authorIds: readonly string[];
  /** The only users who may approve; whoever may in the project where nothing is said. */
  readonly approverIds?: readonly string[];
  /** 1 where nothing is said. */
  readonly required?: number;
  /** No where nothing is said. */
  readonly mayAuthorApprove?: boolean;
  readonly expiresAt?: number | null;
}

/** How often a change is tried that others get in the way of. Each time somebody has decided, so it ends soon. */
const ATTEMPTS = 2 * MAX_REQUIRED;

/** Expired ones settled at once. */
const EXPIRED_AT_ONCE = 100;

export class ApprovalService {
  readonly #store: AccessStore;
  readonly #clock: Clock;
  readonly #ids: Ids;

  constructor(store: AccessStore, clock: Clock = systemClock, ids: Ids = systemIds) {
    this.#store = store;
    this.#clock = clock;
    this.#ids = ids;
  }

  /**
   * Of a job there is one: asked for again, by whichever server, it is the one that there is, as it is now.
   *
   * @throws WaybillError `APPROVAL_INVALID`
   */
  async request(by: Principal, request: ApprovalRequest): Promise<ApprovalRecord> {
    const now = this.#clock.now();
    const required = request.required ?? 1;
    const expiresAt = request.expiresAt ?? null;
    if (!Number.isInteger(required) || required < 1 || required > MAX_REQUIRED) {
      throw new WaybillError("APPROVAL_INVALID", { detail: `${required} people cannot be asked` });
    }
    if (expiresAt !== null && expiresAt <= now) throw new WaybillError("APPROVAL_INVALID", { detail: "it is over" });
    const approval: ApprovalRecord = {
      id: this.#ids.next(),
      projectId: request.projectId,
      runId: request.runId,
      kind: request.kind,
      subject: request.subject ?? "",
      environment: request.environment ?? "",
      digest: request.digest,
      authorIds: request.authorIds,
      approverIds: request.approverIds ?? [],
      required,
      mayAuthorApprove: request.mayAuthorApprove ?? false,
      status: "pending",
      requestedBy: by.actorId,
      requestedAt: now,
      expiresAt,
      settledAt: null,
      decisions: [],
      version: 1,
    };
    const isNew = await this.#store.transaction(async (tx) => {
      if (!(await tx.approvals.insert(approval))) return false;
      this.#audit(tx, by, "APPROVAL_REQUESTED", approval, {});
      return true;
    });
    if (isNew) return approval;
    const { kind, subject, runId } = approval;
    const known = (await this.ofRun(runId)).find((each) => each.kind === kind && each.subject === subject);
    if (known === undefined) throw new WaybillError("APPROVAL_UNKNOWN", { approval: `of ${subject}` });
    return known;
  }

  /**
   * What a person says to it. Programs do not decide, whatever their token may.
   *
   * @throws WaybillError `APPROVAL_UNKNOWN`, `APPROVAL_CLOSED`, `APPROVAL_NOT_YOURS`, `ACCESS_DENIED`
   */
  async decide(by: Principal, id: string, verdict: "approve" | "reject", comment = ""): Promise<ApprovalRecord> {
    const decision: ApprovalDecision = {
      userId: by.id,
      actorId: by.actorId,
      verdict,
      comment: comment.slice(0, MAX_COMMENT).replaceAll("\0", "").toWellFormed(),
      decidedAt: this.#clock.now(),
    };
    return await this.#change(id, async (tx, approval) => {
      authorize(by, "approvals:decide", approval.projectId);
      if (by.kind !== "user") throw new WaybillError("APPROVAL_NOT_YOURS", { detail: "a person has to" });
      const after = decide(approval, decision);
      if (!(await tx.approvals.update(after, decision))) return null;
      const action = verdict === "approve" ? "APPROVAL_GRANTED" : "APPROVAL_REJECTED";
      this.#audit(tx, by, action, after, { status: after.status });
      return after;
    });
  }

  /** @throws WaybillError `APPROVAL_UNKNOWN`, `APPROVAL_CLOSED` */
  async cancel(by: Principal, id: string): Promise<ApprovalRecord> {
    return await this.#change(id, async (tx, approval) => {
      const after = cancel(approval, this.#clock.now());
      if (!(await tx.approvals.update(after, null))) return null;
      this.#audit(tx, by, "APPROVAL_CANCELLED", after, {});
      return after;
    });
  }

  /** Those of a run that has ended, and of its jobs: nobody needs them any more. A deployment may go on without its run. */
  async cancelOfRun(by: Principal, runId: string): Promise<void> {
    for (const { id, kind, status } of await this.ofRun(runId)) {
      if (status !== "pending" || kind === "deployment") continue;
      // One that somebody decides, or whose end comes, at this moment is settled all the same.
      await this.cancel(by, id).catch((error: unknown) => {
        if (!(error instanceof WaybillError) || error.code !== "APPROVAL_CLOSED") throw error;
      });
    }
  }

  /** Settles those whose end has come; for a timer. @returns those it settled */
  async expireDue(by: Principal): Promise<readonly ApprovalRecord[]> {
    const now = this.#clock.now();
    const expired: ApprovalRecord[] = [];
    for (const approval of await this.#store.tables.approvals.due(now, EXPIRED_AT_ONCE)) {
      const after = expire(approval, now);
      const isMine = await this.#store.transaction(async (tx) => {
        if (!(await tx.approvals.update(after, null))) return false;
        this.#audit(tx, by, "APPROVAL_EXPIRED", after, {});
        return true;
      });
      if (isMine) expired.push(after);
    }
    return expired;
  }

  /** As it is now: one whose end has come is `expired`. @throws WaybillError `APPROVAL_UNKNOWN` */
  async get(id: string): Promise<ApprovalRecord> {
    const approval = await this.#store.tables.approvals.find(id);
    if (approval === null) throw new WaybillError("APPROVAL_UNKNOWN", { approval: id });
    return expire(approval, this.#clock.now());
  }

  async ofRun(runId: string): Promise<readonly ApprovalRecord[]> {
    const now = this.#clock.now();
    return (await this.#store.tables.approvals.ofRun(runId)).map((approval) => expire(approval, now));
  }

  /** Those that wait, the oldest first. @param projectIds null: of every project */
  async pending(projectIds: readonly string[] | null, limit: number): Promise<readonly ApprovalRecord[]> {
    const now = this.#clock.now();
    const approvals = await this.#store.tables.approvals.pending(projectIds, limit);
    return approvals.filter((approval) => expire(approval, now).status === "pending");
  }

  /** @param work resolves to null where the approval has changed under it */
  async #change(
    id: string,
    work: (tx: AccessTransaction, approval: ApprovalRecord) => Promise<ApprovalRecord | null>,
  ): Promise<ApprovalRecord> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const changed = await this.#store.transaction(async (tx) => {
        const approval = await tx.approvals.find(id);
        if (approval === null) throw new WaybillError("APPROVAL_UNKNOWN", { approval: id });
        return await work(tx, approval);
      });
      if (changed !== null) return changed;
    }
    throw new WaybillError("APPROVAL_CLOSED", { approval: id, status: "being decided" });
  }

  #audit(
    tx: AccessTransaction,
    by: Principal,
    action: Parameters<AccessTransaction["audit"]>[0]["action"],
    approval: ApprovalRecord,
    context: Readonly<Record<string, string>>,
  ): void {
    const { kind, subject, environment, digest, runId } = approval;
    tx.audit({
      time: this.#clock.now(),
      actorId: by.actorId,
      action,
      resource: `approval:${approval.id}`,
      projectId: approval.projectId,
      context: { run_id: runId, kind, subject, environment, digest, ...context },
    });
  }
}
