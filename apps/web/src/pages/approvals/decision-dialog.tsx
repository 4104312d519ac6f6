import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent, type KeyboardEvent, type ReactElement } from "react";
import { call } from "../../api/client.ts";
import type { Approval } from "../../api/generated/operations.ts";
import { keys } from "../../api/keys.ts";
import { runQuery } from "../../api/queries/runs.ts";
import { Button } from "../../components/button.tsx";
import { CommandHint } from "../../components/command-hint.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { AreaField } from "../../components/field.tsx";
import { shellWord } from "../../components/shell-word.ts";
import { tell, tellError } from "../../components/toast.tsx";

export type Verdict = "approve" | "reject";

export interface DecisionDialogProps {
  readonly approval: Approval;
  readonly verdict: Verdict;
  readonly onClose: () => void;
  readonly onDecided: (approval: Approval) => void;
}

const FORM = "decision";

/** Says what the word of a person does, takes a comment, and decides. */
export function DecisionDialog({ approval, verdict, onClose, onDecided }: DecisionDialogProps): ReactElement {
  const client = useQueryClient();
  const [comment, setComment] = useState("");
  const { data: run } = useQuery(runQuery(approval.run_id));
  const decide = useMutation({
    mutationFn: () => call(verdict, { params: { id: approval.id }, body: { comment: comment.trim() } }),
    onSuccess: (decided) => {
      tell(verdict === "approve" ? "Approved" : "Rejected", approval.subject);
      void client.invalidateQueries({ queryKey: keys.approvals });
      void client.invalidateQueries({ queryKey: keys.run(approval.run_id) });
      onDecided(decided);
    },
    onError: (error) => {
      tellError("Nothing was decided", error);
      void client.invalidateQueries({ queryKey: keys.approvals });
    },
  });
  const isApproval = verdict === "approve";
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!decide.isPending) decide.mutate();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit(event);
  };
  const number = run === undefined ? approval.run_id : String(run.number);
  const words = approval.kind === "job" ? ` ${shellWord(approval.subject)}` : "";
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={`${isApproval ? "Approve" : "Reject"} ${approval.subject === "" ? "the run" : approval.subject}?`}
      actions={
        <>
          <Button onClick={onClose}>Decide later</Button>
          <Button type="submit" form={FORM} kind={isApproval ? "primary" : "danger"} isBusy={decide.isPending}>
            {isApproval ? "Approve" : "Reject"}
          </Button>
        </>
      }
    >
      <form id={FORM} onSubmit={submit} className="stack wrap">
        <p>{isApproval ? approveEffect(approval) : rejectEffect(approval)}</p>
        <AreaField
          label="Comment"
          hint="For the record; everybody in the project can read it. Ctrl Enter decides."
          maxLength={2000}
          value={comment}
          autoFocus
          onChange={(event) => setComment(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <CommandHint command={`waybill approve ${number}${words}${isApproval ? "" : " --reject"}`} />
      </form>
    </Dialog>
  );
}

/** What happens next, so that nobody is surprised by what a click began. */
export function approveEffect({ kind, subject, environment, required, decisions }: Approval): string {
  const approved = decisions.filter(({ verdict }) => verdict === "approve").length;
  const missing = required - approved - 1;
  if (missing > 0) {
    return `Your word is kept. ${missing === 1 ? "One more person has" : `${missing} more people have`} to approve before anything begins.`;
  }
  const target = environment === "" ? "" : `, with the secrets of ${environment}`;
  if (kind === "fork_run") return `The run begins at once${target}: it executes what its author wrote.`;
  return `${kind === "job" ? "The job" : "The deployment"} ${subject} begins as soon as there is room for it${target}.`;
}

export function rejectEffect({ kind, subject }: Approval): string {
  if (kind === "fork_run") return "The run does not get what it asks for. One rejection is enough, and it is final.";
  return `${subject} is cancelled, and what depends on it does not begin. One rejection is enough, and it is final.`;
}
