import { Popover } from "@base-ui/react/popover";
import { Link } from "@tanstack/react-router";
import { useState, type ReactElement } from "react";
import type { Approval } from "../api/generated/operations.ts";
import { StatusMark } from "../components/status-mark.tsx";
import { TimeAgo } from "../components/time-ago.tsx";
import styles from "./notifications.module.css";

export interface NotificationListProps {
  readonly trigger: ReactElement;
  readonly waiting: readonly Approval[];
}

/** What `Notifications` loads when it is first opened: open at once. */
export function NotificationList({ trigger, waiting }: NotificationListProps): ReactElement {
  const [isOpen, setOpen] = useState(true);
  return (
    <Popover.Root open={isOpen} onOpenChange={setOpen}>
      <Popover.Trigger render={trigger as ReactElement<Record<string, unknown>>} />
      <Popover.Portal>
        <Popover.Positioner sideOffset={6} align="end" className={styles.positioner}>
          <Popover.Popup className={styles.popup}>
            <Popover.Title className={styles.title}>Waiting for a person</Popover.Title>
            {waiting.length === 0 ? <p className={styles.none}>Nothing waits for you.</p> : null}
            <ul>
              {waiting.map((approval) => (
                <li key={approval.id} className={styles.item}>
                  <StatusMark status="person" show="icon" />
                  <Link
                    to="/runs/$id"
                    params={{ id: approval.run_id }}
                    className={styles.link}
                    onClick={() => setOpen(false)}
                  >
                    <span className="cut">{approval.subject}</span>
                    <small>
                      {approval.kind} · {approval.environment === "" ? approval.requested_by : approval.environment} ·{" "}
                      <TimeAgo time={approval.requested_at} />
                    </small>
                  </Link>
                </li>
              ))}
            </ul>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
