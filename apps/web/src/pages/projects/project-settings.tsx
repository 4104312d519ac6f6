import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState, type ReactElement } from "react";
import { call } from "../../api/client.ts";
import type { Project } from "../../api/generated/operations.ts";
import { keys } from "../../api/keys.ts";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { TextField } from "../../components/field.tsx";
import { countOf } from "../../components/format.ts";
import { Panel } from "../../components/panel.tsx";
import { tell } from "../../components/toast.tsx";
import { useMay } from "../../session/use-may.ts";
import styles from "./projects.module.css";

export interface ProjectSettingsProps {
  readonly project: Project;
  /** How many it has; null: they are being read. */
  readonly pipelines: number | null;
}

/** The name of a project, and its end. Each dialog says what comes of it. */
export function ProjectSettings({ project, pipelines }: ProjectSettingsProps): ReactElement {
  const [open, setOpen] = useState<"rename" | "remove" | null>(null);
  const change = useMay("changeProject", project.id);
  const remove = useMay("removeProject", project.id);
  const close = (): void => setOpen(null);
  return (
    <Panel title="Settings">
      <div className={styles.danger}>
        <Button disabledReason={change.isAllowed ? null : change.reason} onClick={() => setOpen("rename")}>
          Rename
        </Button>
        <Button
          kind="danger"
          icon="trash"
          disabledReason={
            remove.isAllowed
              ? pipelines === 0
                ? null
                : `It has ${countOf(pipelines ?? 0, "pipeline")}: a project is removed once it has none.`
              : remove.reason
          }
          onClick={() => setOpen("remove")}
        >
          Remove
        </Button>
      </div>
      {open === "rename" ? <RenameProject project={project} onClose={close} /> : null}
      {open === "remove" ? <RemoveProject project={project} onClose={close} /> : null}
    </Panel>
  );
}

interface AskProps {
  readonly project: Project;
  readonly onClose: () => void;
}

function RenameProject({ project, onClose }: AskProps): ReactElement {
  const [name, setName] = useState(project.name);
  const client = useQueryClient();
  const rename = useMutation({
    mutationFn: () => call("changeProject", { params: { id: project.id }, body: { name: name.trim() } }),
    onSuccess: async () => {
      onClose();
      tell(`The project is called ${name.trim()} now`);
      await client.invalidateQueries({ queryKey: keys.projects });
    },
  });
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={`Rename ${project.name}`}
      actions={
        <>
          <Button onClick={onClose}>Keep the name</Button>
          <Button kind="primary" isBusy={rename.isPending} onClick={() => rename.mutate()}>
            Rename
          </Button>
        </>
      }
    >
      <div className={styles.form}>
        <TextField label="Name" value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
        <p>
          Scripts that call its pipelines <code>{project.name}/…</code> have to use the new name. Links, tokens and
          webhooks stay as they are.
        </p>
        {rename.error === null ? null : <ErrorPanel error={rename.error} />}
      </div>
    </Dialog>
  );
}

function RemoveProject({ project, onClose }: AskProps): ReactElement {
  const client = useQueryClient();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () => call("removeProject", { params: { id: project.id } }),
    onSuccess: async () => {
      tell(`${project.name} was removed`);
      await navigate({ to: "/projects" });
      client.removeQueries({ queryKey: keys.project(project.id) });
      await client.invalidateQueries({ queryKey: keys.projects });
    },
  });
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={`Remove ${project.name}?`}
      actions={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button kind="danger" isBusy={remove.isPending} onClick={() => remove.mutate()}>
            Remove the project
          </Button>
        </>
      }
    >
      <p>Its members lose their roles in it, its secrets and the tokens of its machines are gone for good.</p>
      {remove.error === null ? null : <ErrorPanel error={remove.error} />}
    </Dialog>
  );
}
