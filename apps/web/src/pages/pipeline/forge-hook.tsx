import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { call } from "../../api/client.ts";
import type { Pipeline, PipelineHook, WebhookSecret } from "../../api/generated/operations.ts";
import { keys } from "../../api/keys.ts";
import { webhookSecretsQuery } from "../../api/queries/projects.ts";
import { Button } from "../../components/button.tsx";
import { CodeBlock } from "../../components/code-block.tsx";
import { TimeAgo } from "../../components/time-ago.tsx";
import { tell, tellError } from "../../components/toast.tsx";
import styles from "./hook-setup.module.css";

export interface ForgeHookProps {
  readonly pipeline: Pipeline;
  readonly webhook: PipelineHook["webhooks"][number];
}

/** What to copy into the form of a forge: the address, a secret that is shown once, what to tick. */
export function ForgeHook({ pipeline, webhook }: ForgeHookProps): ReactElement {
  const { source, title, url, content_type: contentType, events } = webhook;
  const client = useQueryClient();
  const secrets = useQuery(webhookSecretsQuery(pipeline.id));
  const own = (secrets.data?.items ?? []).filter((each) => each.source === source);
  const create = useMutation({
    mutationFn: () => call("createWebhookSecret", { params: { id: pipeline.id }, body: { source } }),
    onSuccess: () => client.invalidateQueries({ queryKey: keys.hook(pipeline.id) }),
    onError: (error) => tellError("No secret was made", error),
  });
  const remove = useMutation({
    mutationFn: (secret: WebhookSecret) =>
      call("removeWebhookSecret", { params: { id: pipeline.id, secret: secret.id } }),
    onSuccess: async () => {
      tell("The secret was removed", "Webhooks that are signed with it are refused from now on.");
      await client.invalidateQueries({ queryKey: keys.hook(pipeline.id) });
    },
    onError: (error) => tellError("The secret stays", error),
  });
  return (
    <ol className={styles.steps}>
      <li>
        <h3>In the repository’s settings on {title}, add a webhook to this address</h3>
        <CodeBlock label="the address" code={url} />
        <p className={styles.small}>
          Content type <code>{contentType}</code>
        </p>
      </li>
      <li>
        <h3>Give it a secret</h3>
        {create.data === undefined ? null : (
          <>
            <CodeBlock label="the secret" code={create.data.secret} />
            <p className={styles.once}>This is the only time it is shown. Copy it into the form now.</p>
          </>
        )}
        {own.length === 0 || create.data !== undefined ? null : (
          <ul className={styles.secrets}>
            {own.map((secret) => (
              <li key={secret.id}>
                <span>
                  made <TimeAgo time={secret.created_at} />
                  {secret.expires_at === null ? "" : `, valid until ${new Date(secret.expires_at).toLocaleString()}`}
                </span>
                <Button
                  kind="quiet"
                  icon="trash"
                  isBusy={remove.isPending}
                  label="Remove this secret: webhooks signed with it are refused"
                  onClick={() => remove.mutate(secret)}
                />
              </li>
            ))}
          </ul>
        )}
        <p>
          <Button icon="plus" isBusy={create.isPending} onClick={() => create.mutate()}>
            {own.length === 0 ? "Make a secret" : "Make another secret"}
          </Button>{" "}
          {own.length === 0 ? null : (
            <span className={styles.small}>The ones before stay valid for a day, so that nothing is missed.</span>
          )}
        </p>
      </li>
      {events.length === 0 ? null : (
        <li>
          <h3>Let it tell of</h3>
          <p>
            {events.map((event) => (
              <span key={event} className={styles.tick}>
                ☑ {event}
              </span>
            ))}
          </p>
        </li>
      )}
      <li>
        <h3>Push a commit</h3>
        <CodeBlock label="the command" code="git commit --allow-empty -m 'Try the hook' && git push" />
      </li>
    </ol>
  );
}
