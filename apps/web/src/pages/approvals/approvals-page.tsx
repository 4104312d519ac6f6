import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState, type ReactElement } from "react";
import type { Approval } from "../../api/generated/operations.ts";
import { approvalsQuery, meQuery } from "../../api/queries/access.ts";
import { Button } from "../../components/button.tsx";
import { CodeBlock } from "../../components/code-block.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { countOf } from "../../components/format.ts";
import { KeyHint } from "../../components/key-hint.tsx";
import { Panel } from "../../components/panel.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { Page } from "../../shell/page.tsx";
import { useKey } from "../../shell/use-key.ts";
import { ApprovalRow } from "./approval-row.tsx";
import { DecisionDialog, type Verdict } from "./decision-dialog.tsx";
import { mayDecide } from "./may-decide.ts";
import styles from "./approvals-page.module.css";

/** Each row reads its run: of more than these at once nobody reads any. */
const SHOWN = 25;

/** What waits for me, then what waits for others; decided by mouse or by keyboard alone. */
export function ApprovalsPage(): ReactElement {
  const search = useSearch({ from: "/app/approvals" });
  const navigate = useNavigate({ from: "/approvals" });
  const { data, error, refetch } = useQuery(approvalsQuery());
  const { data: me } = useQuery(meQuery());
  const [decided, setDecided] = useState<readonly Approval[]>([]);
  const [isAll, setAll] = useState(false);
  const pending = data?.items ?? [];
  const isMine = (approval: Approval): boolean => mayDecide(approval, me, String).approve === null;
  const mine = pending.filter(isMine);
  const others = pending.filter((approval) => !isMine(approval));
  const asked = pending.find(({ id }) => id === search.approval);
  const ask = (approval: Approval, verdict: Verdict): void => {
    void navigate({ search: { approval: approval.id, verdict } });
  };
  const close = (): void => void navigate({ search: {} });
  const byKey = (verdict: Verdict): void => {
    const focused = document.activeElement?.closest("[data-approval]")?.getAttribute("data-approval");
    const approval = pending.find(({ id }) => id === focused) ?? mine[0];
    if (approval !== undefined && mayDecide(approval, me, String)[verdict] === null) ask(approval, verdict);
  };
  useKey("a", "Approve the row that is focused, or the first", pending.length === 0 ? null : () => byKey("approve"));
  useKey("x", "Reject it", pending.length === 0 ? null : () => byKey("reject"));

  const list = (approvals: readonly Approval[]): ReactElement => (
    <>
      <ul className={styles.list}>
        {approvals.slice(0, isAll ? undefined : SHOWN).map((approval) => (
          <ApprovalRow key={approval.id} approval={approval} onAsk={ask} />
        ))}
      </ul>
      {isAll || approvals.length <= SHOWN ? null : (
        <div className={styles.more}>
          <Button onClick={() => setAll(true)}>Show all {approvals.length}</Button>
        </div>
      )}
    </>
  );
  return (
    <Page
      title="Approvals"
      facts={
        data === undefined ? undefined : (
          <>
            {mine.length === 0 ? "Nothing waits for you" : `${countOf(mine.length, "decision")} wait for you`}
            {mine.length === 0 ? null : (
              <span className={styles.keys}>
                <KeyHint keys="a" /> approve <KeyHint keys="x" /> reject
              </span>
            )}
          </>
        )
      }
      command="waybill approve"
    >
      {data === undefined ? (
        error === null ? (
          <Skeleton rows={4} height={72} />
        ) : (
          <ErrorPanel error={error} onRetry={() => void refetch()} />
        )
      ) : null}
      {data !== undefined && pending.length === 0 && decided.length === 0 ? <NoApprovals /> : null}
      {mine.length === 0 ? null : (
        <Panel title={`Waits for you (${mine.length})`} isFlush>
          {list(mine)}
        </Panel>
      )}
      {others.length === 0 ? null : (
        <Panel title={`Waits for others (${others.length})`} isFlush>
          {list(others)}
        </Panel>
      )}
      {decided.length === 0 ? null : (
        <Panel title="Decided just now" isFlush>
          <ul className={styles.list}>
            {decided.map((approval) => (
              <ApprovalRow key={approval.id} approval={approval} onAsk={ask} />
            ))}
          </ul>
        </Panel>
      )}
      {asked === undefined || search.verdict === undefined ? null : (
        <DecisionDialog
          key={asked.id}
          approval={asked}
          verdict={search.verdict}
          onClose={close}
          onDecided={(approval) => {
            // One that others still have to approve goes on waiting above.
            if (approval.status !== "pending") {
              setDecided((old) => [approval, ...old.filter(({ id }) => id !== approval.id)]);
            }
            close();
          }}
        />
      )}
    </Page>
  );
}

function NoApprovals(): ReactElement {
  return (
    <EmptyState title="Nothing waits for a person">
      <p>
        A job that names an environment waits here until enough people have approved it, where the environment asks for
        that. So do runs of a fork&apos;s pull request that want secrets.
      </p>
      <CodeBlock
        label="the commands"
        code={
          "waybill environments create shop production --branch main --approvals 1\n# in waybill.yaml, at the job:  deploys_to: production"
        }
      />
    </EmptyState>
  );
}
