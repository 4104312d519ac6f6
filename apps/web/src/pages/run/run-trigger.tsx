import type { ReactElement } from "react";
import type { RunDetails } from "../../api/generated/operations.ts";
import { Sha } from "../../components/sha.tsx";
import { TimeAgo } from "../../components/time-ago.tsx";
import styles from "./run-facts.module.css";

/** What began the run: the commit, the inputs, and the event as it came. */
export function RunTrigger({ run }: { readonly run: RunDetails }): ReactElement {
  const facts: readonly (readonly [name: string, value: ReactElement | string])[] = [
    ["Trigger", run.trigger],
    ["Created", <TimeAgo key="created" time={run.created_at} />],
    ["Pipeline file", run.config_path],
    ...(run.git_ref === null ? [] : [["Ref", run.git_ref] as const]),
    ...(run.git_sha === null ? [] : [["Commit", <Sha key="commit" sha={run.git_sha} />] as const]),
    ...(run.reason === null ? [] : [["Reason", run.reason] as const]),
    ...Object.entries(run.inputs).map(([name, value]) => [`Input ${name}`, String(value)] as const),
    ...Object.entries(run.trigger_event).map(([name, value]) => [name, textOf(value)] as const),
  ];
  return (
    <dl className={`${styles.facts} ${styles.list}`}>
      {facts.map(([name, value], at) => (
        <div key={`${name} ${at}`}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

const SHOWN = 1_000;

function textOf(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return text.length > SHOWN ? `${text.slice(0, SHOWN)} …` : text;
}
