import { useMutation } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { call } from "../../api/client.ts";
import type { Pipeline, PipelineHook } from "../../api/generated/operations.ts";
import { Button } from "../../components/button.tsx";
import { CodeBlock } from "../../components/code-block.tsx";
import { tellError } from "../../components/toast.tsx";
import { useMay } from "../../session/use-may.ts";
import styles from "./hook-setup.module.css";

export interface PlainGitHookProps {
  readonly pipeline: Pipeline;
  readonly hook: PipelineHook;
}

/** For a bare repository on a machine of one's own: a token in a file, and a script that tells of every push. */
export function PlainGitHook({ pipeline, hook }: PlainGitHookProps): ReactElement {
  const { path, script } = hook.post_receive;
  const may = useMay("createMachineToken", pipeline.project_id);
  const create = useMutation({
    mutationFn: () =>
      call("createMachineToken", {
        params: { id: pipeline.project_id },
        body: { name: nameOfToken(pipeline), role: "viewer", permissions: ["webhooks:receive"] },
      }),
    onError: (error) => tellError("No token was made", error),
  });
  const token = create.data?.text;
  return (
    <ol className={styles.steps}>
      <li>
        <h3>On the machine of the repository, keep a token in a file</h3>
        {token === undefined ? (
          <p>
            <Button
              icon="plus"
              isBusy={create.isPending}
              disabledReason={may.isAllowed ? null : may.reason}
              onClick={() => create.mutate()}
            >
              Make a token
            </Button>{" "}
            <span className={styles.small}>
              It may tell of pushes to this project’s repositories, and nothing else.
            </span>
          </p>
        ) : (
          <>
            <CodeBlock label="the token" code={token} />
            <p className={styles.once}>This is the only time it is shown.</p>
          </>
        )}
        <CodeBlock
          label="the command"
          code={`install -d -m 755 /etc/waybill\n(umask 077; cat > /etc/waybill/hook-token)   # paste the token, Enter, Ctrl-D`}
        />
        <p className={styles.small}>
          The file must be readable for whoever receives pushes there, and for nobody else.
        </p>
      </li>
      <li>
        <h3>
          Make <code>{path}</code> of the bare repository this script
        </h3>
        <CodeBlock label="the script" code={script.trimEnd()} />
        <CodeBlock label="the command" code={`chmod 755 ${path}`} />
      </li>
      <li>
        <h3>Push a commit</h3>
        <CodeBlock label="the command" code="git commit --allow-empty -m 'Try the hook' && git push" />
      </li>
    </ol>
  );
}

/** Another one each time: the names of a project's tokens differ. */
function nameOfToken({ name }: Pipeline): string {
  const word = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, "-")
    .slice(0, 30);
  return `hook-${word}-${new Date().toISOString().replaceAll(/\D/g, "").slice(0, 14)}`;
}
