import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { call } from "../../api/client.ts";
import type { Approval } from "../../api/generated/operations.ts";
import { keys } from "../../api/keys.ts";
import { runApprovalsQuery } from "../../api/queries/runs.ts";
import { Button } from "../../components/button.tsx";
import { StatusMark } from "../../components/status-mark.tsx";
import { TimeAgo } from "../../components/time-ago.tsx";
import { tell, tellError } from "../../components/toast.tsx";
import { useMay } from "../../session/use-may.ts";
import styles from "./waiting-approvals.module.css";

export interface WaitingApprovalsProps {
  readonly runId: string;
  readonly isSettled: boolean;
}

/** What of the run waits for a person, to be decided where one sees what it is about. */
export function WaitingApprovals({ runId, isSettled }: WaitingApprovalsProps): ReactElement | null {
  const { data } = useQuery({ ...runApprovalsQuery(runId), enabled: !isSettled });
  const waiting = (data?.items ?? []).filter(({ status }) => status === "pending");
  if (isSettled || waiting.length === 0) return null;
  return (
    <ul className={styles.list}>
      {waiting.map((approval) => (
        <WaitingApproval key={approval.id} approval={approval} />
      ))}
    </ul>
  );
}

function WaitingApproval({ approval }: { readonly approval: Approval }): ReactElement {
  const client = useQueryClient();
  const may = useMay("approve", approval.project_id);
  const decide = useMutation({
    mutationFn: (verdict: "approve" | "reject") => call(verdict, { params: { id: approval.id }, body: {} }),
    onSuccess: async (_, verdict) => {
      tell(verdict === "approve" ? "Approved" : "Rejected", approval.subject);
      await client.invalidateQueries({ queryKey: keys.run(approval.run_id) });
      await client.invalidateQueries({ queryKey: keys.approvals });
    },
    onError: (error) => tellError("Nothing was decided", error),
  });
  const reason = may.isAllowed ? null : may.reason;
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
      <Button kind="primary" disabledReason={reason} isBusy={decide.isPending} onClick={() => decide.mutate("approve")}>
        Approve
      </Button>
      <Button kind="danger" disabledReason={reason} isBusy={decide.isPending} onClick={() => decide.mutate("reject")}>
        Reject
      </Button>
    </li>
  );
}
