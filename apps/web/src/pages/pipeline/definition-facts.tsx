import type { ReactElement, ReactNode } from "react";
import type { PipelineFile, TriggerRule } from "../../api/generated/operations.ts";
import { Panel } from "../../components/panel.tsx";
import { triggerText } from "./trigger-text.ts";
import styles from "./definition-view.module.css";

/** What starts runs of the file, when, under which conditions, and what it asks of whoever starts one by hand. */
export function DefinitionFacts({ file }: { readonly file: PipelineFile }): ReactElement | null {
  if (file.graph === null) return null;
  return (
    <Panel title="What starts it">
      <dl className={styles.list}>
        {file.triggers.map((rule) => (
          <Fact key={JSON.stringify(rule)} name={eventsOf(rule)}>
            {triggerText(rule)}
          </Fact>
        ))}
        {file.schedule.map(({ cron, timezone, branch }) => (
          <Fact key={`${cron} ${timezone} ${branch}`} name="schedule">
            <code>{cron}</code> in {timezone}, on {branch ?? "the default branch"}
          </Fact>
        ))}
        <Fact name="by hand">
          {file.inputs.length === 0
            ? "without inputs"
            : `with ${file.inputs.map(({ name, required }) => (required ? `${name} (required)` : name)).join(", ")}`}
        </Fact>
      </dl>
    </Panel>
  );
}

function eventsOf({ events }: TriggerRule): string {
  return events.map((event) => event.replace("_", " ")).join(", ");
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactElement {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
