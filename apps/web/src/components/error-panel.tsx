import type { ReactElement } from "react";
import { problemOf } from "../api/api-error.ts";
import { Button } from "./button.tsx";
import { copy } from "./copy.ts";
import { Icon } from "./icon.tsx";
import styles from "./error-panel.module.css";

export interface ErrorPanelProps {
  readonly error: unknown;
  readonly onRetry?: (() => void) | undefined;
}

/** What went wrong, why, what to do about it, and how to find it in the server's log. */
export function ErrorPanel({ error, onRetry }: ErrorPanelProps): ReactElement {
  const { title, detail, remedy, code, request_id: id } = problemOf(error);
  return (
    <div className={styles.panel} role="alert">
      <Icon name="warning" />
      <div className={styles.text}>
        <h3 className={styles.title}>{title}</h3>
        <p>{detail}</p>
        {remedy === "" ? null : <p className={styles.remedy}>{remedy}</p>}
        <p className={styles.trace}>
          <code>{code}</code>
          {id === "" ? null : (
            <button
              type="button"
              className={styles.id}
              title="Correlation id (click to copy)"
              onClick={() => void copy(id, "The correlation id")}
            >
              {id}
            </button>
          )}
        </p>
      </div>
      {onRetry === undefined ? null : <Button onClick={onRetry}>Try again</Button>}
    </div>
  );
}
