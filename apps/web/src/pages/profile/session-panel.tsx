import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { call } from "../../api/client.ts";
import type { Session } from "../../api/generated/operations.ts";
import { keys } from "../../api/keys.ts";
import { mySessionsQuery } from "../../api/queries/settings.ts";
import { READ_WHEN_LOOKED_AT } from "../../api/query.ts";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { Panel } from "../../components/panel.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { Table, type Column } from "../../components/table.tsx";
import { TimeAgo, TimeUntil } from "../../components/time-ago.tsx";
import { tell, tellError } from "../../components/toast.tsx";
import { browserOf } from "./browser-of.ts";
import styles from "./profile-page.module.css";

const METHODS: Readonly<Record<Session["method"], string>> = {
  password: "password",
  link: "one-time link",
  oidc: "identity provider",
};

/** Where one is signed in; each can be ended from here. */
export function SessionPanel(): ReactElement {
  const client = useQueryClient();
  const { data, error } = useQuery({ ...mySessionsQuery(), ...READ_WHEN_LOOKED_AT });
  const end = useMutation({
    mutationFn: (id: string) => call("endMySession", { params: { id } }),
    onSuccess: async () => {
      tell("The session has ended");
      await client.invalidateQueries({ queryKey: keys.mySessions });
    },
    onError: (problem) => tellError("The session goes on", problem),
  });
  const columns: readonly Column<Session>[] = [
    {
      id: "where",
      head: "Where",
      isWide: true,
      cell: ({ user_agent, is_current }) => (
        <span title={user_agent}>
          {browserOf(user_agent)} {is_current ? <Badge tone="accent">this one</Badge> : null}
        </span>
      ),
    },
    { id: "address", head: "Address", isExtra: true, cell: ({ address }) => <code>{address}</code> },
    { id: "method", head: "By", isExtra: true, cell: ({ method }) => <span className="quiet">{METHODS[method]}</span> },
    { id: "seen", head: "Last seen", cell: ({ last_seen_at }) => <TimeAgo time={last_seen_at} /> },
    { id: "ends", head: "Ends", isExtra: true, cell: ({ expires_at }) => <TimeUntil time={expires_at} /> },
    {
      id: "actions",
      head: <span className="unseen">Actions</span>,
      isNumber: true,
      cell: ({ id, is_current, user_agent }) => (
        <Button
          disabledReason={is_current ? "It is this one: sign out with the menu at the top." : null}
          isBusy={end.isPending && end.variables === id}
          onClick={() => end.mutate(id)}
        >
          End<span className="unseen"> {browserOf(user_agent)}</span>
        </Button>
      ),
    },
  ];
  return (
    <Panel title="Where you are signed in" isFlush>
      {data === undefined ? (
        <div className={styles.inside}>
          {error === null ? <Skeleton rows={2} height={30} /> : <ErrorPanel error={error} />}
        </div>
      ) : (
        <Table label="Sessions" columns={columns} rows={data.items} keyOf={({ id }) => id} />
      )}
    </Panel>
  );
}
