import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useRef, useState, type ReactElement } from "react";
import { call } from "../../api/client.ts";
import type { RepositoryCheck } from "../../api/generated/operations.ts";
import { keys } from "../../api/keys.ts";
import { Button } from "../../components/button.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { TextField } from "../../components/field.tsx";
import { tell } from "../../components/toast.tsx";
import { nameProblem, nameOfPipeline, nameOfRepository } from "./names.ts";
import styles from "./new-project.module.css";

export interface ConnectFormProps {
  readonly found: RepositoryCheck;
  readonly path: string;
  readonly onPath: (path: string) => void;
  /** Null: a new one. */
  readonly projectId: string | null;
}

/** Makes the pipeline, and its project where there is none; both under names that fit what was found. */
export function ConnectForm({ found, path, onPath, projectId }: ConnectFormProps): ReactElement {
  const file = found.files.find((each) => each.path === path);
  const [project, setProject] = useState(() => nameOfRepository(found.url));
  const [pipeline, setPipeline] = useState(() => nameOfPipeline(file?.name ?? null, found.url));
  const [branch, setBranch] = useState(found.default_branch ?? "main");
  const [isTried, setTried] = useState(false);
  // Where the pipeline is refused, the project that was made before it is used by the next try.
  const made = useRef<{ readonly name: string; readonly id: string } | null>(null);
  const client = useQueryClient();
  const navigate = useNavigate();
  const connect = useMutation({
    mutationFn: async () => {
      const id = projectId ?? (await projectOf(made, project.trim()));
      return await call("createPipeline", {
        body: {
          project_id: id,
          name: pipeline.trim(),
          repository_url: found.url,
          default_branch: branch.trim(),
          config_path: path,
        },
      });
    },
    onSuccess: async ({ id, name }) => {
      tell(`${name} is connected`, "Set up its hook, so that pushes start it.");
      await client.invalidateQueries({ queryKey: keys.projects });
      await client.invalidateQueries({ queryKey: keys.pipelines });
      await client.invalidateQueries({ queryKey: keys.me });
      await navigate({ to: "/pipelines/$id", params: { id }, search: { tab: "hook" } });
    },
  });
  const problems = {
    project: projectId === null ? nameProblem(project) : null,
    pipeline: nameProblem(pipeline),
    branch: branch.trim() === "" ? "It needs a name." : null,
  };
  return (
    <form
      className={styles.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (Object.values(problems).every((problem) => problem === null)) connect.mutate();
      }}
    >
      {projectId === null ? (
        <TextField
          label="Project"
          hint="Holds pipelines, members and secrets. Others can join it later."
          error={isTried ? (problems.project ?? undefined) : undefined}
          value={project}
          maxLength={100}
          onChange={(event) => setProject(event.target.value)}
        />
      ) : null}
      <TextField
        label="Pipeline"
        error={isTried ? (problems.pipeline ?? undefined) : undefined}
        value={pipeline}
        maxLength={100}
        onChange={(event) => setPipeline(event.target.value)}
      />
      <TextField
        label="Default branch"
        hint="What runs where no branch is named."
        error={isTried ? (problems.branch ?? undefined) : undefined}
        value={branch}
        spellCheck={false}
        onChange={(event) => setBranch(event.target.value)}
      />
      {found.files.length === 0 ? (
        <TextField
          label="Pipeline file"
          hint="Where it will be in the repository."
          isCode
          defaultValue={path}
          spellCheck={false}
          onBlur={(event) => onPath(event.target.value.trim() === "" ? path : event.target.value.trim())}
        />
      ) : null}
      {connect.error === null ? null : <ErrorPanel error={connect.error} />}
      <div>
        <Button kind="primary" type="submit" isBusy={connect.isPending}>
          {projectId === null ? "Create project" : "Add pipeline"}
        </Button>
      </div>
    </form>
  );
}

async function projectOf(
  made: { current: { readonly name: string; readonly id: string } | null },
  name: string,
): Promise<string> {
  if (made.current?.name !== name) made.current = { name, id: (await call("createProject", { body: { name } })).id };
  return made.current.id;
}
