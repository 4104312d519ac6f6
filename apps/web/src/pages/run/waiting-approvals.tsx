import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactElement } from "react";
import { call } from "../../api/client.ts";
import type { Approval } from "../../api/generated/operations.ts";
import { keys } from "../../api/keys.ts";
import { runApprovalsQuery } from "../../api/queries/runs.ts";
import { Button } from "../../components/button.tsx";
import { CommandHint } from "../../components/command-hint.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { TextField } from "../../components/field.tsx";
import { StatusMark } from "../../components/status-mark.tsx";
import { TimeAgo } from "../../components/time-ago.tsx";
import { tell, tellError } from "../../components/toast.tsx";
import { useMay } from "../../session/use-may.ts";
import { useKey } from "../../shell/use-key.ts";
import styles from "./waiting-approvals.module.css";

export interface WaitingApprovalsProps {
  readonly runId: string;
  readonly number: number;
  readonly isSettled: boolean;
}

/** What of the run waits for a person, to be decided where one sees what it is about. */
export function WaitingApprovals({ runId, number, isSettled }: WaitingApprovalsProps): ReactElement | null {
  const { data } = useQuery({ ...runApprovalsQuery(runId), enabled: !isSettled });
  const waiting = (data?.items ?? []).filter(({ status }) => status === "pending");
  if (isSettled || waiting.length === 0) return null;
  return (
    <ul className={styles.list}>
      {waiting.map((approval) => (
        <WaitingApproval key={approval.id} approval={approval} number={number} />
      ))}
    </ul>
  );
}

interface WaitingApprovalProps {
  readonly approval: Approval;
  /** Of the run. */
  readonly number: number;
}

type Verdict = "approve" | "reject";

function WaitingApproval({ approval, number }: WaitingApprovalProps): ReactElement {
  const [asked, setAsked] = useState<Verdict | null>(null);
  const [comment, setComment] = useState("");
  const client = useQueryClient();
  const may = useMay("approve", approval.project_id);
  const decide = useMutation({
    mutationFn: (verdict: Verdict) =>
      call(verdict, { params: { id: approval.id }, body: comment === "" ? {} : { comment } }),
    onSuccess: async (_, verdict) => {
      setAsked(null);
      tell(verdict === "approve" ? "Approved" : "Rejected", approval.subject);
      await client.invalidateQueries({ queryKey: keys.run(approval.run_id) });
      await client.invalidateQueries({ queryKey: keys.approvals });
    },
    onError: (error) => tellError("Nothing was decided", error),
  });
  const reason = may.isAllowed ? null : may.reason;
  useKey("a", "Approve what waits", reason === null ? () => setAsked("approve") : null);
  return (
    <li className={styles.item}>
      <StatusMark status="person" />
      <span className={styles.subject}>
        {approval.subject}
        <small>
          {approval.decisions.length} of {approval.required} · asked by {approval.requested_by}{" "}
          <TimeAgo time={approval.requested_at} />
        </small>
      </span>
      <Button kind="primary" disabledReason={reason} isBusy={decide.isPending} onClick={() => setAsked("approve")}>
        Approve
      </Button>
      <Button kind="danger" disabledReason={reason} isBusy={decide.isPending} onClick={() => setAsked("reject")}>
        Reject
      </Button>
      <Dialog
        isOpen={asked !== null}
        onClose={() => setAsked(null)}
        title={asked === "reject" ? `Reject ${approval.subject}?` : `Approve ${approval.subject}?`}
        actions={
          <>
            <Button onClick={() => setAsked(null)}>Decide later</Button>
            <Button
              kind={asked === "reject" ? "danger" : "primary"}
              isBusy={decide.isPending}
              onClick={() => asked !== null && decide.mutate(asked)}
            >
              {asked === "reject" ? "Reject" : "Approve"}
            </Button>
          </>
        }
      >
        <p>
          {asked === "reject"
            ? "It does not begin, and what waits for it does not either. This cannot be taken back; the run can be started again."
            : approval.decisions.length + 1 >= approval.required
              ? "Nothing else is asked for: it begins at once."
              : `${approval.required - approval.decisions.length - 1} more have to approve before it begins.`}
        </p>
        <TextField
          label="Comment, for the record"
          value={comment}
          onChange={(event) => setComment(event.target.value)}
        />
        <CommandHint command={`waybill approve ${number}${asked === "reject" ? " --reject" : ""}`} />
      </Dialog>
    </li>
  );
}
