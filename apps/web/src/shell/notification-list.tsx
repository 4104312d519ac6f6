import { Popover } from "@base-ui/react/popover";
import { Link } from "@tanstack/react-router";
import { useState, type ReactElement } from "react";
import type { Approval, Run } from "../api/generated/operations.ts";
import { shortRef } from "../components/format.ts";
import { StatusMark } from "../components/status-mark.tsx";
import { TimeAgo } from "../components/time-ago.tsx";
import styles from "./notifications.module.css";

export interface NotificationListProps {
  readonly trigger: ReactElement;
  /** What the person may decide. */
  readonly approvals: readonly Approval[];
  /** Of the person's own runs, within a week. */
  readonly failed: readonly Run[];
}

/** What `Notifications` loads when it is first opened: open at once. */
export function NotificationList({ trigger, approvals, failed }: NotificationListProps): ReactElement {
  const [isOpen, setOpen] = useState(true);
  const close = (): void => setOpen(false);
  return (
    <Popover.Root open={isOpen} onOpenChange={setOpen}>
      <Popover.Trigger render={trigger as ReactElement<Record<string, unknown>>} />
      <Popover.Portal>
        <Popover.Positioner sideOffset={6} align="end" className={styles.positioner}>
          <Popover.Popup className={styles.popup}>
            <Popover.Title className={styles.title}>Waiting for you</Popover.Title>
            {approvals.length === 0 ? <p className={styles.none}>Nothing waits for you.</p> : null}
            <ul>
              {approvals.map((approval) => (
                <li key={approval.id} className={styles.item}>
                  <StatusMark status="person" show="icon" />
                  <Link to="/runs/$id" params={{ id: approval.run_id }} className={styles.link} onClick={close}>
                    <span className="cut">{approval.subject}</span>
                    <small>
                      {approval.kind.replace("_", " ")} ·{" "}
                      {approval.environment === "" ? approval.requested_by : approval.environment} ·{" "}
                      <TimeAgo time={approval.requested_at} />
                    </small>
                  </Link>
                </li>
              ))}
            </ul>
            {failed.length === 0 ? null : (
              <>
                <h3 className={styles.title}>Your runs that failed this week</h3>
                <ul>
                  {failed.map((run) => (
                    <li key={run.id} className={styles.item}>
                      <StatusMark status="failed" show="icon" />
                      <Link to="/runs/$id" params={{ id: run.id }} className={styles.link} onClick={close}>
                        <span className="cut">
                          {run.pipeline_name} #{run.number}
                        </span>
                        <small>
                          {run.git_ref === null ? "" : `${shortRef(run.git_ref)} · `}
                          <TimeAgo time={run.finished_at ?? run.created_at} />
                        </small>
                      </Link>
                    </li>
                  ))}
                </ul>
              </>
            )}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
