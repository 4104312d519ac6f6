import { useQuery } from "@tanstack/react-query";
import { cloneElement, lazy, Suspense, useState, type ReactElement } from "react";
import { notificationsQuery } from "../api/queries/access.ts";
import { Icon } from "../components/icon.tsx";
import styles from "./notifications.module.css";

const NotificationList = lazy(async () => ({ default: (await import("./notification-list.tsx")).NotificationList }));

const MOST = 99;

/** What waits for the person at the screen: what they may approve, and what of theirs failed. */
export function Notifications(): ReactElement {
  // Until events tell of approvals, a look at the window reads them again.
  const { data } = useQuery({ ...notificationsQuery(), refetchOnWindowFocus: "always" });
  const [isWanted, setWanted] = useState(false);
  const waiting = data?.approvals.length ?? 0;
  const failed = data?.failed_runs.length ?? 0;
  const label =
    waiting + failed === 0
      ? "Nothing waits for you"
      : [waiting === 0 ? "" : `${waiting} to approve`, failed === 0 ? "" : `${failed} of your runs failed`]
          .filter((part) => part !== "")
          .join(", ");
  const trigger: ReactElement<{ readonly onClick?: () => void }> = (
    <button type="button" className={styles.trigger} aria-label={label}>
      <Icon name="bell" />
      {waiting === 0 ? null : <span className={styles.count}>{Math.min(waiting, MOST)}</span>}
      {waiting === 0 && failed > 0 ? <span className={styles.dot} /> : null}
    </button>
  );
  const closed = cloneElement(trigger, { onClick: () => setWanted(true) });
  if (!isWanted) return closed;
  return (
    <Suspense fallback={closed}>
      <NotificationList trigger={trigger} approvals={data?.approvals ?? []} failed={data?.failed_runs ?? []} />
    </Suspense>
  );
}
