import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import type { Project } from "../../api/generated/operations.ts";
import { keys } from "../../api/keys.ts";
import { machineTokensQuery } from "../../api/queries/settings.ts";
import { READ_WHEN_LOOKED_AT } from "../../api/query.ts";
import { EmptyState } from "../../components/empty-state.tsx";
import { TokenDialog } from "../../session/tokens/token-dialog.tsx";
import { TokenList } from "../../session/tokens/token-list.tsx";
import { useMay } from "../../session/use-may.ts";

export interface MachineTokensProps {
  readonly project: Project;
  readonly isNew: boolean;
  readonly onNew: (isNew: boolean) => void;
}

/** What programs use a project with: a token belongs to the project, not to who made it. */
export function MachineTokens({ project, isNew, onNew }: MachineTokensProps): ReactElement {
  const may = useMay("listMachineTokens", project.id);
  const mayCreate = useMay("createMachineToken", project.id);
  const query = useQuery({ ...machineTokensQuery(project.id), ...READ_WHEN_LOOKED_AT, enabled: may.isAllowed });
  if (!may.isAllowed) {
    return (
      <EmptyState title="Tokens of machines are for those who administer the project">
        <p>{may.reason} Tokens of your own are under “Profile”.</p>
      </EmptyState>
    );
  }
  return (
    <>
      <TokenList
        title="Machine tokens"
        tokens={query.data?.items}
        error={query.error}
        queryKey={keys.machineTokens(project.id)}
        disabledReason={mayCreate.isAllowed ? null : mayCreate.reason}
        onNew={() => onNew(true)}
        empty={
          <EmptyState title="No program has a token of this project">
            <p>
              A program that starts runs or reads what came of them uses a machine token: it stays valid when whoever
              made it leaves.
            </p>
          </EmptyState>
        }
      />
      {isNew ? <TokenDialog of={{ kind: "machine", project }} onClose={() => onNew(false)} /> : null}
    </>
  );
}
