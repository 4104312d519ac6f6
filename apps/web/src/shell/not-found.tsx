import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { EmptyState } from "../components/empty-state.tsx";
import { Page } from "./page.tsx";

export function NotFound(): ReactElement {
  return (
    <Page title="No such page">
      <EmptyState title="There is no page at this address">
        <p>
          It may be of another version of Waybill, or mistyped. <Link to="/">Activity</Link> shows what is going on.
        </p>
      </EmptyState>
    </Page>
  );
}
