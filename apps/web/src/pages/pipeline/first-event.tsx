import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Pipeline, WebhookDelivery } from "../../api/generated/operations.ts";
import { filteredRunsQuery } from "../../api/queries/run-filter.ts";
import { Icon } from "../../components/icon.tsx";
import { classNames } from "../../components/class-names.ts";
import { shortRef } from "../../components/format.ts";
import { TimeAgo } from "../../components/time-ago.tsx";
import styles from "./hook-setup.module.css";

export interface FirstEventProps {
  readonly pipeline: Pipeline;
  readonly last: WebhookDelivery | null;
}

const BY_PEOPLE: ReadonlySet<string> = new Set(["manual", "cron"]);

/** Whether the repository has told of anything yet; it turns by itself when it does. */
export function FirstEvent({ pipeline, last }: FirstEventProps): ReactElement {
  const { data } = useQuery(filteredRunsQuery({}, pipeline.id));
  const run = data?.items.find(({ trigger }) => !BY_PEOPLE.has(trigger));
  const isBad = last !== null && (last.outcome === "refused" || last.outcome === "failed");
  if (isBad) {
    return (
      <div className={classNames(styles.heard, styles.bad)} role="status" data-hook="refused">
        <Icon name="warning" />
        <div>
          <p className={styles.headline}>The last event was {last.outcome}</p>
          <p>
            {last.source} <TimeAgo time={last.received_at} />: {last.detail}
          </p>
        </div>
      </div>
    );
  }
  if (last !== null || run !== undefined) {
    return (
      <div className={classNames(styles.heard, styles.good)} role="status" data-hook="heard">
        <Icon name="check" />
        <div>
          <p className={styles.headline}>The hook works</p>
          {last === null ? null : (
            <p>
              {last.source} told of something <TimeAgo time={last.received_at} />: {last.outcome}
              {last.detail === "" ? "" : `, ${last.detail}`}
            </p>
          )}
          {run === undefined ? null : (
            <p>
              <Link to="/runs/$id" params={{ id: run.id }}>
                Run #{run.number}
              </Link>{" "}
              began by {run.trigger} {run.git_ref === null ? "" : `of ${shortRef(run.git_ref)}`}{" "}
              <TimeAgo time={run.created_at} />
            </p>
          )}
        </div>
      </div>
    );
  }
  return (
    <div className={styles.heard} role="status" data-hook="waiting">
      <span className={styles.pulse} aria-hidden="true" />
      <div>
        <p className={styles.headline}>Waiting for the first event</p>
        <p>Set up the hook as below, then push. This turns green by itself.</p>
      </div>
    </div>
  );
}
