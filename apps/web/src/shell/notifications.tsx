import { Popover } from "@base-ui/react/popover";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState, type ReactElement } from "react";
import { approvalsQuery } from "../api/queries/access.ts";
import { Icon } from "../components/icon.tsx";
import { StatusMark } from "../components/status-mark.tsx";
import { TimeAgo } from "../components/time-ago.tsx";
import styles from "./notifications.module.css";

const MOST = 99;

/** What waits for a person: approvals now, and what `/v1/notifications` tells once it is read here. */
export function Notifications(): ReactElement {
  const { data } = useQuery(approvalsQuery());
  const [isOpen, setOpen] = useState(false);
  const waiting = data?.items ?? [];
  const label = waiting.length === 0 ? "Nothing waits for you" : `${waiting.length} waiting for a person`;
  return (
    <Popover.Root open={isOpen} onOpenChange={setOpen}>
      <Popover.Trigger className={styles.trigger} aria-label={label}>
        <Icon name="bell" />
        {waiting.length === 0 ? null : <span className={styles.count}>{Math.min(waiting.length, MOST)}</span>}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner sideOffset={6} align="end" className={styles.positioner}>
          <Popover.Popup className={styles.popup}>
            <Popover.Title className={styles.title}>Waiting for a person</Popover.Title>
            {waiting.length === 0 ? <p className={styles.none}>Nothing waits for you.</p> : null}
            <ul>
              {waiting.map((approval) => (
                <li key={approval.id} className={styles.item}>
                  <StatusMark status="person" show="icon" />
                  <Link to="/runs/$id" params={{ id: approval.run_id }} className={styles.link} onClick={() => setOpen(false)}>
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
