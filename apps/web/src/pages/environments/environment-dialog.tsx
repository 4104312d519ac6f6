import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactElement } from "react";
import { call } from "../../api/client.ts";
import type { Environment, Project } from "../../api/generated/operations.ts";
import { keys } from "../../api/keys.ts";
import { membersQuery } from "../../api/queries/settings.ts";
import { Button } from "../../components/button.tsx";
import { CommandHint } from "../../components/command-hint.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { AreaField, CheckField, TextField } from "../../components/field.tsx";
import { shellWord } from "../../components/shell-word.ts";
import { tell } from "../../components/toast.tsx";
import styles from "./environments-page.module.css";

const FORM = "environment";
const MOST_APPROVALS = 10;

export interface EnvironmentDialogProps {
  readonly project: Project;
  /** Null: a new one. */
  readonly environment: Environment | null;
  readonly onClose: () => void;
}

/** The rules of an environment, with the command that sets the same. */
export function EnvironmentDialog({ project, environment, onClose }: EnvironmentDialogProps): ReactElement {
  const client = useQueryClient();
  const [name, setName] = useState(environment?.name ?? "");
  const [description, setDescription] = useState(environment?.description ?? "");
  const [branches, setBranches] = useState((environment?.branches ?? []).join("\n"));
  const [required, setRequired] = useState(environment?.required_approvals ?? 0);
  const [approvers, setApprovers] = useState<readonly string[]>(environment?.approvers ?? []);
  const [isOthers, setOthers] = useState(environment?.prevent_self_approval ?? false);
  const { data: members } = useQuery(membersQuery(project.id));
  const people = (members?.items ?? []).filter(({ role }) => role === "approver" || role === "admin");
  const patterns = branches.split(/\s+/).filter((pattern) => pattern !== "");
  const isAsked = required > 0;
  const rules = {
    description: description.trim(),
    branches: patterns,
    required_approvals: required,
    approvers: isAsked ? approvers : [],
    prevent_self_approval: isAsked && isOthers,
  };
  const save = useMutation({
    mutationFn: () =>
      environment === null
        ? call("createEnvironment", { params: { id: project.id }, body: { name: name.trim(), ...rules } })
        : call("changeEnvironment", { params: { id: project.id, name: environment.name }, body: rules }),
    onSuccess: async (saved) => {
      tell(environment === null ? "The environment is made" : "The environment is changed", saved.name);
      await client.invalidateQueries({ queryKey: keys.environments(project.id) });
      onClose();
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  const nameOf = (id: string): string => people.find(({ user_id }) => user_id === id)?.user ?? id;
  const command = [
    `waybill environments ${environment === null ? "create" : "edit"} ${shellWord(project.name)} ${name === "" ? "NAME" : shellWord(name)}`,
    ...patterns.map((pattern) => `--branch ${shellWord(pattern)}`),
    `--approvals ${required}`,
    ...(isAsked ? approvers.map((id) => `--approver ${shellWord(nameOf(id))}`) : []),
    ...(isAsked && isOthers ? ["--prevent-self-approval"] : []),
  ].join(" ");
  return (
    <Dialog
      isOpen
      onClose={onClose}
      width="wide"
      title={environment === null ? `New environment of ${project.name}` : `Change ${environment.name}`}
      actions={
        <>
          <Button onClick={onClose}>Leave it</Button>
          <Button type="submit" form={FORM} kind="primary" isBusy={save.isPending}>
            {environment === null ? "Make the environment" : "Change the environment"}
          </Button>
        </>
      }
    >
      <form id={FORM} onSubmit={submit} className="stack">
        {save.error === null ? null : <ErrorPanel error={save.error} />}
        {environment === null ? (
          <TextField
            label="Name"
            required
            isCode
            value={name}
            autoComplete="off"
            spellCheck={false}
            autoFocus
            onChange={(event) => setName(event.target.value)}
            hint="As pipeline files name it. It stays as it is."
          />
        ) : null}
        <TextField
          label="Description"
          value={description}
          maxLength={500}
          onChange={(event) => setDescription(event.target.value)}
        />
        <AreaField
          label="Branches that may use it"
          rows={2}
          isCode
          value={branches}
          spellCheck={false}
          placeholder="main"
          onChange={(event) => setBranches(event.target.value)}
          hint="One pattern in each line, as main or release/*. With refs/ before it, of whole refs. None: any branch."
        />
        <TextField
          label="How many people have to approve each job"
          type="number"
          min={0}
          max={MOST_APPROVALS}
          value={required}
          onChange={(event) => setRequired(Math.min(MOST_APPROVALS, Math.max(0, event.target.valueAsNumber || 0)))}
          hint={isAsked ? "The job waits until they have." : "0: nobody is asked."}
        />
        {isAsked ? (
          <fieldset className={styles.approvers}>
            <legend>Who may approve</legend>
            {people.length === 0 ? (
              <p className="quiet">Nobody has the role approver in this project yet: give it to somebody first.</p>
            ) : (
              <>
                <p className="quiet">None chosen: all with the role approver.</p>
                <div className={styles.people}>
                  {people.map(({ user_id: id, user }) => (
                    <CheckField
                      key={id}
                      label={<span className="wrap">{user}</span>}
                      checked={approvers.includes(id)}
                      onChange={(event) =>
                        setApprovers(
                          event.target.checked ? [...approvers, id] : approvers.filter((each) => each !== id),
                        )
                      }
                    />
                  ))}
                </div>
              </>
            )}
            <CheckField
              label="Whose change it is cannot approve it"
              checked={isOthers}
              onChange={(event) => setOthers(event.target.checked)}
            />
          </fieldset>
        ) : null}
        <CommandHint command={command} />
      </form>
    </Dialog>
  );
}
