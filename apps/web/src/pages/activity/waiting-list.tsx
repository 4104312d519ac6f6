import { useQueries, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Approval, Run } from "../../api/generated/operations.ts";
import { approvalsQuery, notificationsQuery } from "../../api/queries/access.ts";
import { jobsQuery } from "../../api/queries/runs.ts";
import { Badge } from "../../components/badge.tsx";
import { countOf } from "../../components/format.ts";
import { StatusMark } from "../../components/status-mark.tsx";
import { TimeAgo } from "../../components/time-ago.tsx";
import styles from "./waiting-list.module.css";

/** A job that may not begin yet for a reason that no approval takes away. */
export interface HeldJob {
  readonly run: Run;
  readonly id: string;
  readonly name: string;
  readonly heldBy: string;
}

export interface Waiting {
  /** Those that the person at the screen may decide come first. */
  readonly approvals: readonly (Approval & { readonly isMine: boolean })[];
  readonly held: readonly HeldJob[];
}

/** What waits: approvals, and held jobs of the runs that go on. @returns null: it is being read */
export function useWaiting(running: readonly Run[]): {
  readonly waiting: Waiting | null;
  readonly error: Error | null;
} {
  // Until events tell of approvals, a look at the page reads them again.
  const approvals = useQuery({ ...approvalsQuery(), refetchOnWindowFocus: "always" });
  const mine = useQuery({ ...notificationsQuery(), refetchOnWindowFocus: "always" });
  const jobs = useQueries({ queries: running.map(({ id }) => jobsQuery(id)) });
  if (approvals.data === undefined) return { waiting: null, error: approvals.error };
  const own = new Set((mine.data?.approvals ?? []).map(({ id }) => id));
  const pending = approvals.data.items.map((approval) => ({ ...approval, isMine: own.has(approval.id) }));
  const asked = new Set(pending.map(({ run_id }) => run_id));
  const held = running.flatMap((run, at) =>
    (asked.has(run.id) ? [] : (jobs[at]?.data?.items ?? [])).flatMap(({ id, name, held_by }) =>
      held_by === null ? [] : [{ run, id, name, heldBy: held_by }],
    ),
  );
  return {
    waiting: { approvals: pending.toSorted((one, other) => Number(other.isMine) - Number(one.isMine)), held },
    error: null,
  };
}

const SHOWN = 6;

export function WaitingList({ waiting: { approvals, held } }: { readonly waiting: Waiting }): ReactElement {
  const more = approvals.length + held.length - SHOWN;
  if (approvals.length + held.length === 0) return <p className={styles.none}>Nothing waits.</p>;
  return (
    <ul>
      {approvals.slice(0, SHOWN).map((approval) => (
        <li key={approval.id} className={styles.row}>
          <StatusMark status="person" show="icon" />
          <Link to="/runs/$id" params={{ id: approval.run_id }} className={styles.link} data-row="">
            {approval.subject}
          </Link>
          {approval.isMine ? (
            <Badge tone="person">you</Badge>
          ) : (
            <span className={styles.quiet}>
              {approval.decisions.length} of {approval.required}
            </span>
          )}
          <span className={styles.quiet}>
            <TimeAgo time={approval.requested_at} />
          </span>
        </li>
      ))}
      {held.slice(0, Math.max(0, SHOWN - approvals.length)).map(({ run, id, name, heldBy }) => (
        <li key={id} className={styles.row}>
          <StatusMark status="held" show="icon" />
          <Link to="/runs/$id" params={{ id: run.id }} search={{ job: name }} className={styles.link} data-row="">
            {name} <span className={styles.quiet}>of {`${run.pipeline_name} #${run.number}`}</span>
          </Link>
          <span className={styles.why} title={heldBy}>
            {heldBy}
          </span>
        </li>
      ))}
      {more > 0 ? <li className={styles.none}>and {countOf(more, "more", "more")}</li> : null}
    </ul>
  );
}
