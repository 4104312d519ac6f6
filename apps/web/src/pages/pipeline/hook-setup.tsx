import { useQuery } from "@tanstack/react-query";
import { useState, type ReactElement } from "react";
import type { Pipeline, PipelineHook } from "../../api/generated/operations.ts";
import { hookQuery } from "../../api/queries/projects.ts";
import { ChoiceBar } from "../../components/choice-bar.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { Panel } from "../../components/panel.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { useMay } from "../../session/use-may.ts";
import { FirstEvent } from "./first-event.tsx";
import { ForgeHook } from "./forge-hook.tsx";
import { likelySource, PLAIN_GIT } from "./likely-source.ts";
import { PlainGitHook } from "./plain-git-hook.tsx";
import styles from "./hook-setup.module.css";

export interface HookSetupProps {
  readonly pipeline: Pipeline;
}

/** How the repository tells of pushes: what to copy where, and whether anything has come yet. */
export function HookSetup({ pipeline }: HookSetupProps): ReactElement {
  const may = useMay("getPipelineHook", pipeline.project_id);
  // Until events tell of deliveries, a look at the page reads them again.
  const query = { ...hookQuery(pipeline.id), enabled: may.isAllowed, refetchOnWindowFocus: "always" as const };
  const { data, error, refetch } = useQuery(query);
  if (!may.isAllowed) {
    return (
      <div className={styles.setup}>
        <EmptyState title="The hook holds secrets">
          <p>{may.reason}</p>
        </EmptyState>
      </div>
    );
  }
  if (data === undefined) {
    return (
      <div className={styles.setup}>
        {error === null ? <Skeleton rows={5} /> : <ErrorPanel error={error} onRetry={() => void refetch()} />}
      </div>
    );
  }
  return (
    <div className={styles.setup}>
      <FirstEvent pipeline={pipeline} last={data.last_delivery} />
      <Ways pipeline={pipeline} hook={data} />
    </div>
  );
}

interface WaysProps {
  readonly pipeline: Pipeline;
  readonly hook: PipelineHook;
}

function Ways({ pipeline, hook }: WaysProps): ReactElement {
  const [source, setSource] = useState(() => likelySource(pipeline.repository_url));
  const forge = hook.webhooks.find((each) => each.source === source);
  const choices = [
    ...hook.webhooks.map((each) => [each.source, each.title] as const),
    [PLAIN_GIT, "Plain Git"] as const,
  ];
  return (
    <Panel
      title="Where the repository is"
      actions={
        <ChoiceBar
          label="Where the repository is"
          choices={choices}
          value={forge?.source ?? PLAIN_GIT}
          onChange={setSource}
        />
      }
    >
      {forge === undefined ? (
        <PlainGitHook pipeline={pipeline} hook={hook} />
      ) : (
        <ForgeHook key={forge.source} pipeline={pipeline} webhook={forge} />
      )}
    </Panel>
  );
}
