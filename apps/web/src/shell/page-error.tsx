import type { ReactElement } from "react";
import { ErrorPanel } from "../components/error-panel.tsx";
import { Page } from "./page.tsx";

export interface PageErrorProps {
  readonly error: unknown;
  readonly reset?: () => void;
}

/** In place of a page that could not be shown. */
export function PageError({ error, reset }: PageErrorProps): ReactElement {
  return (
    <Page title="Something went wrong">
      <ErrorPanel error={error} onRetry={reset ?? (() => globalThis.location.reload())} />
    </Page>
  );
}
