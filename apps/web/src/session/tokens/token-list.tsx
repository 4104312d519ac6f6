import { useMutation, useQueryClient, type QueryKey } from "@tanstack/react-query";
import type { ReactElement, ReactNode } from "react";
import { call } from "../../api/client.ts";
import type { Token } from "../../api/generated/operations.ts";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { ConfirmButton } from "../../components/confirm-button.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { countOf } from "../../components/format.ts";
import { Panel } from "../../components/panel.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { Table, type Column } from "../../components/table.tsx";
import { TimeAgo, TimeUntil } from "../../components/time-ago.tsx";
import { tell, tellError } from "../../components/toast.tsx";
import styles from "./tokens.module.css";

export interface TokenListProps {
  readonly title: string;
  /** Undefined: not known yet. */
  readonly tokens: readonly Token[] | undefined;
  readonly error: Error | null;
  /** Where they are cached. */
  readonly queryKey: QueryKey;
  /** Why none can be made. */
  readonly disabledReason: string | null;
  readonly onNew: () => void;
  readonly empty: ReactNode;
}

/** Tokens by their beginning: what each may, when it was used last, when it ends. */
export function TokenList(props: TokenListProps): ReactElement {
  const { title, tokens, error, queryKey, disabledReason, onNew, empty } = props;
  const columns: readonly Column<Token>[] = [
    {
      id: "name",
      head: "Token",
      isWide: true,
      cell: ({ name, prefix }) => (
        <span title={name}>
          {name} <code className="quiet">{prefix}…</code>
        </span>
      ),
    },
    {
      id: "may",
      head: "May",
      isExtra: true,
      cell: ({ role, permissions }) => (
        <span className={styles.may} title={permissions.join(", ")}>
          {role === null ? null : <Badge>{role}</Badge>} {countOf(permissions.length, "permission")}
        </span>
      ),
    },
    {
      id: "used",
      head: "Used",
      isExtra: true,
      cell: ({ last_used_at }) => (
        <span className="quiet">{last_used_at === null ? "never" : <TimeAgo time={last_used_at} />}</span>
      ),
    },
    {
      id: "ends",
      head: "Ends",
      cell: ({ expires_at }) =>
        expires_at === null ? <Badge tone="held">never</Badge> : <TimeUntil time={expires_at} />,
    },
    {
      id: "actions",
      head: <span className="unseen">Actions</span>,
      isNumber: true,
      cell: (token) => <RevokeToken token={token} queryKey={queryKey} />,
    },
  ];
  return (
    <Panel
      title={title}
      actions={
        <Button kind="primary" icon="add" disabledReason={disabledReason} onClick={onNew}>
          New token
        </Button>
      }
      isFlush
    >
      {tokens === undefined ? (
        <div className={styles.inside}>
          {error === null ? <Skeleton rows={3} height={30} /> : <ErrorPanel error={error} />}
        </div>
      ) : tokens.length === 0 ? (
        <div className={styles.inside}>{empty}</div>
      ) : (
        <Table label={title} columns={columns} rows={tokens} keyOf={({ id }) => id} />
      )}
    </Panel>
  );
}

function RevokeToken({ token, queryKey }: { readonly token: Token; readonly queryKey: QueryKey }): ReactElement {
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => call("revokeToken", { params: { id: token.id } }),
    onSuccess: async () => {
      tell("The token is revoked", token.name);
      await client.invalidateQueries({ queryKey });
    },
    onError: (error) => tellError("The token is not revoked", error),
  });
  return (
    <ConfirmButton
      label={token.name}
      title={`Revoke ${token.name}?`}
      effect="Whatever uses it is refused from the next request on. It cannot be brought back; a new one has another text."
      confirm="Revoke the token"
      isBusy={revoke.isPending}
      onConfirm={() => revoke.mutateAsync()}
    >
      Revoke
    </ConfirmButton>
  );
}
