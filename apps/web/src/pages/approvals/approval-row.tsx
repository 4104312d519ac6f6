import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Approval } from "../../api/generated/operations.ts";
import { meQuery } from "../../api/queries/access.ts";
import { runQuery } from "../../api/queries/runs.ts";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { shortRef } from "../../components/format.ts";
import { Sha } from "../../components/sha.tsx";
import { StatusMark } from "../../components/status-mark.tsx";
import type { Status } from "../../components/status.ts";
import { TimeAgo, TimeUntil } from "../../components/time-ago.tsx";
import { useUserNames } from "../../session/use-user-names.ts";
import type { Verdict } from "./decision-dialog.tsx";
import { mayDecide } from "./may-decide.ts";
import styles from "./approvals-page.module.css";

const STATUSES: Readonly<Record<Approval["status"], Status>> = {
  pending: "person",
  approved: "success",
  rejected: "failed",
  cancelled: "cancelled",
  expired: "cancelled",
};

export const KIND_WORDS: Readonly<Record<Approval["kind"], string>> = {
  job: "Job",
  deployment: "Deployment",
  fork_run: "Run of a fork",
};

export interface ApprovalRowProps {
  readonly approval: Approval;
  readonly onAsk: (approval: Approval, verdict: Verdict) => void;
}

/** What waits, in which run, who asked when, who has said what so far, until when. */
export function ApprovalRow({ approval, onAsk }: ApprovalRowProps): ReactElement {
  const { data: me } = useQuery(meQuery());
  const { data: run } = useQuery(runQuery(approval.run_id));
  const nameOf = useUserNames(approval.project_id);
  const { status, kind, subject, environment, required, decisions, expires_at: end } = approval;
  const may = mayDecide(approval, me, nameOf);
  const approved = decisions.filter(({ verdict }) => verdict === "approve").length;
  return (
    <li className={styles.item} data-approval={approval.id}>
      <div className={styles.what}>
        <div className={styles.line}>
          <StatusMark status={STATUSES[status]} {...(status === "pending" ? { show: "icon" } : { word: status })} />
          <Link
            to="/runs/$id"
            params={{ id: approval.run_id }}
            search={kind === "job" ? { job: subject } : {}}
            className={styles.subject}
            data-row=""
          >
            {KIND_WORDS[kind]} <strong>{subject}</strong>
            {run === undefined ? null : ` of ${run.pipeline_name} #${run.number}`}
          </Link>
          {environment === "" ? null : (
            <Badge tone="person" icon="environments">
              {environment}
            </Badge>
          )}
        </div>
        <p className={styles.facts}>
          <span>
            asked by {bare(approval.requested_by)} <TimeAgo time={approval.requested_at} />
          </span>
          {run === undefined || run.git_ref === null ? null : <span>{shortRef(run.git_ref)}</span>}
          {run === undefined || run.git_sha === null ? null : <Sha sha={run.git_sha} />}
          <span>
            {approved} of {required} approved
          </span>
          {approval.approver_ids.length === 0 ? null : (
            <span>by {approval.approver_ids.map(nameOf).join(", ")} only</span>
          )}
          {end === null || status !== "pending" ? null : (
            <span>
              expires <TimeUntil time={end} />
            </span>
          )}
        </p>
        {decisions.length === 0 ? null : (
          <ul className={styles.decisions}>
            {decisions.map(({ actor, verdict, comment, decided_at }) => (
              <li key={actor}>
                <StatusMark
                  status={verdict === "approve" ? "success" : "failed"}
                  word={verdict === "approve" ? "approved" : "rejected"}
                  size={14}
                />{" "}
                by {bare(actor)} <TimeAgo time={decided_at} />
                {comment === "" ? null : <q className={styles.comment}>{comment}</q>}
              </li>
            ))}
          </ul>
        )}
      </div>
      {status === "pending" ? (
        <div className={styles.actions}>
          <Button kind="primary" icon="check" disabledReason={may.approve} onClick={() => onAsk(approval, "approve")}>
            Approve
          </Button>
          <Button kind="danger" disabledReason={may.reject} onClick={() => onAsk(approval, "reject")}>
            Reject
          </Button>
        </div>
      ) : null}
    </li>
  );
}

/** `user:ann` -> `ann`; machines keep their kind; what the server does by itself is Waybill's. */
export function bare(actor: string): string {
  return actor.startsWith("system:") ? "Waybill" : actor.replace(/^user:/, "");
}
