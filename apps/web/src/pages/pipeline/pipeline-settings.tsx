import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState, type ReactElement } from "react";
import { call } from "../../api/client.ts";
import type { Pipeline } from "../../api/generated/operations.ts";
import { keys } from "../../api/keys.ts";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { TextField } from "../../components/field.tsx";
import { Panel } from "../../components/panel.tsx";
import { tell } from "../../components/toast.tsx";
import { useMay } from "../../session/use-may.ts";
import styles from "./pipeline-settings.module.css";

export interface PipelineSettingsProps {
  readonly pipeline: Pipeline;
}

/** What a pipeline is called, where its file is, which branch it looks at; and its end. */
export function PipelineSettings({ pipeline }: PipelineSettingsProps): ReactElement {
  const [name, setName] = useState(pipeline.name);
  const [path, setPath] = useState(pipeline.config_path);
  const [branch, setBranch] = useState(pipeline.default_branch);
  const client = useQueryClient();
  const may = useMay("changePipeline", pipeline.project_id);
  const reason = may.isAllowed ? null : may.reason;
  const change = useMutation({
    mutationFn: () =>
      call("changePipeline", {
        params: { id: pipeline.id },
        body: {
          ...(name === pipeline.name ? {} : { name }),
          ...(path === pipeline.config_path ? {} : { config_path: path }),
          ...(branch === pipeline.default_branch ? {} : { default_branch: branch }),
        },
      }),
    onSuccess: async () => {
      tell("Saved");
      await client.invalidateQueries({ queryKey: keys.pipelines });
    },
  });
  const isSame = name === pipeline.name && path === pipeline.config_path && branch === pipeline.default_branch;
  return (
    <div className={styles.settings}>
      <Panel title="Pipeline">
        <form
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault();
            if (reason === null && !isSame) change.mutate();
          }}
        >
          <TextField label="Name" required value={name} onChange={(event) => setName(event.target.value)} />
          <TextField
            label="Pipeline file"
            hint="Its path in the repository. Runs that begin from now on read it."
            required
            isCode
            spellCheck={false}
            value={path}
            onChange={(event) => setPath(event.target.value)}
          />
          <TextField
            label="Default branch"
            hint="Of all pipelines of this repository: what runs where no branch is named."
            required
            spellCheck={false}
            value={branch}
            onChange={(event) => setBranch(event.target.value)}
          />
          {change.error === null ? null : <ErrorPanel error={change.error} />}
          <div>
            <Button
              kind="primary"
              type="submit"
              isBusy={change.isPending}
              disabledReason={reason ?? (isSame ? "Nothing was changed." : null)}
            >
              Save
            </Button>
          </div>
        </form>
      </Panel>
      <RemovePipeline pipeline={pipeline} />
    </div>
  );
}

function RemovePipeline({ pipeline }: PipelineSettingsProps): ReactElement {
  const [isOpen, setOpen] = useState(false);
  const client = useQueryClient();
  const navigate = useNavigate();
  const may = useMay("removePipeline", pipeline.project_id);
  const remove = useMutation({
    mutationFn: () => call("removePipeline", { params: { id: pipeline.id } }),
    onSuccess: async () => {
      tell(`${pipeline.name} was removed`);
      await navigate({ to: "/projects/$id", params: { id: pipeline.project_id } });
      client.removeQueries({ queryKey: keys.pipeline(pipeline.id) });
      await client.invalidateQueries({ queryKey: keys.pipelines });
    },
  });
  return (
    <Panel title="Remove">
      <div className={styles.remove}>
        <p>A pipeline that has run stays: its runs are history. One that has never run can be removed.</p>
        <Button
          kind="danger"
          icon="trash"
          disabledReason={may.isAllowed ? null : may.reason}
          onClick={() => setOpen(true)}
        >
          Remove pipeline
        </Button>
      </div>
      <Dialog
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        title={`Remove ${pipeline.name}?`}
        actions={
          <>
            <Button onClick={() => setOpen(false)}>Keep it</Button>
            <Button kind="danger" isBusy={remove.isPending} onClick={() => remove.mutate()}>
              Remove the pipeline
            </Button>
          </>
        }
      >
        <p>
          Pushes to {pipeline.repository_url} no longer start <code>{pipeline.config_path}</code>. The repository itself
          stays as it is.
        </p>
        {remove.error === null ? null : <ErrorPanel error={remove.error} />}
      </Dialog>
    </Panel>
  );
}
