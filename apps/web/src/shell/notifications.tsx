import { useQuery } from "@tanstack/react-query";
import { cloneElement, lazy, Suspense, useState, type ReactElement } from "react";
import { approvalsQuery } from "../api/queries/access.ts";
import { Icon } from "../components/icon.tsx";
import styles from "./notifications.module.css";

const NotificationList = lazy(async () => ({ default: (await import("./notification-list.tsx")).NotificationList }));

const MOST = 99;

/** What waits for a person: approvals now, and what `/v1/notifications` tells once it is read here. */
export function Notifications(): ReactElement {
  const { data } = useQuery(approvalsQuery());
  const [isWanted, setWanted] = useState(false);
  const waiting = data?.items ?? [];
  const label = waiting.length === 0 ? "Nothing waits for you" : `${waiting.length} waiting for a person`;
  const trigger: ReactElement<{ readonly onClick?: () => void }> = (
    <button type="button" className={styles.trigger} aria-label={label}>
      <Icon name="bell" />
      {waiting.length === 0 ? null : <span className={styles.count}>{Math.min(waiting.length, MOST)}</span>}
    </button>
  );
  const closed = cloneElement(trigger, { onClick: () => setWanted(true) });
  if (!isWanted) return closed;
  return (
    <Suspense fallback={closed}>
      <NotificationList trigger={trigger} waiting={waiting} />
    </Suspense>
  );
}
