import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState, type FormEvent, type ReactElement } from "react";
import { call } from "../../api/client.ts";
import type { Project, Secret } from "../../api/generated/operations.ts";
import { keys } from "../../api/keys.ts";
import { environmentsQuery } from "../../api/queries/settings.ts";
import { Button } from "../../components/button.tsx";
import { CommandHint } from "../../components/command-hint.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { AreaField, TextField } from "../../components/field.tsx";
import { shellWord } from "../../components/shell-word.ts";
import { tell } from "../../components/toast.tsx";
import { scopeOptions } from "./edited-secret.ts";

const FORM = "secret";

export interface SecretDialogProps {
  readonly project: Project;
  /** The one that gets another value; null: a new one. */
  readonly secret: Secret | null;
  /** That a new one begins with. */
  readonly environment: string;
  readonly onClose: () => void;
}

/** Takes a value and sends it to the server. It is in this form until then, and nowhere after. */
export function SecretDialog({ project, secret, environment: given, onClose }: SecretDialogProps): ReactElement {
  const client = useQueryClient();
  const [name, setName] = useState(secret?.name ?? "");
  const [environment, setEnvironment] = useState(secret?.environment ?? given);
  const [branch, setBranch] = useState(secret?.branch ?? "");
  const [value, setValue] = useState("");
  const listId = useId();
  const { data: environments } = useQuery(environmentsQuery(project.id));
  const save = useMutation({
    // No part of the cache: what a mutation was given stays there for a while.
    gcTime: 0,
    mutationFn: () =>
      call("setSecret", {
        params: { id: project.id, name: name.trim() },
        body: { value, environment: environment.trim(), branch: branch.trim() },
      }),
    onSuccess: async () => {
      setValue("");
      tell(secret === null ? "The secret is kept" : "The secret has its new value", name);
      await client.invalidateQueries({ queryKey: keys.secrets(project.id) });
      onClose();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={secret === null ? `New secret of ${project.name}` : `Rotate ${secret.name}`}
      actions={
        <>
          <Button onClick={onClose}>Leave it</Button>
          <Button type="submit" form={FORM} kind="primary" isBusy={save.isPending}>
            {secret === null ? "Keep the secret" : "Replace the value"}
          </Button>
        </>
      }
    >
      <form id={FORM} onSubmit={submit} className="stack wrap" autoComplete="off">
        {save.error === null ? null : <ErrorPanel error={save.error} />}
        {secret === null ? (
          <>
            <TextField
              label="Name"
              required
              isCode
              value={name}
              pattern="[A-Za-z_][A-Za-z0-9_]*"
              maxLength={128}
              autoComplete="off"
              spellCheck={false}
              autoFocus
              onChange={(event) => setName(event.target.value)}
              hint="As secrets.NAME of a pipeline file: letters, digits and _."
            />
            <TextField
              label="Environment"
              value={environment}
              list={listId}
              maxLength={200}
              autoComplete="off"
              spellCheck={false}
              placeholder="every one, and none"
              onChange={(event) => setEnvironment(event.target.value)}
              hint="Only jobs that name it get the secret."
            />
            <datalist id={listId}>
              {(environments?.items ?? []).map((each) => (
                <option key={each.id} value={each.name} />
              ))}
            </datalist>
            <TextField
              label="Branch"
              value={branch}
              maxLength={200}
              autoComplete="off"
              spellCheck={false}
              placeholder="every one, and none"
              onChange={(event) => setBranch(event.target.value)}
              hint="A branch, or a pattern as release/*."
            />
          </>
        ) : (
          <p>
            Jobs that begin from now on get the new value. Jobs that run keep the old one, so end the old one where it
            was issued only after they have ended.
          </p>
        )}
        <AreaField
          label="Value"
          required
          isCode
          value={value}
          spellCheck={false}
          autoComplete="off"
          autoFocus={secret !== null}
          onChange={(event) => setValue(event.target.value)}
          hint="It goes to the server and is never shown again. Line breaks are a part of it."
        />
        <CommandHint
          command={`waybill secrets set ${shellWord(project.name)} ${name === "" ? "NAME" : shellWord(name)}${scopeOptions(environment, branch)} < FILE`}
        />
      </form>
    </Dialog>
  );
}
