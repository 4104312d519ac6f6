import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { Pipeline } from "../../api/generated/operations.ts";
import { CodeBlock } from "../../components/code-block.tsx";
import { EmptyState } from "../../components/empty-state.tsx";

/** A server without runs: what to do next, here or in a terminal. */
export function FirstSteps({ pipelines }: { readonly pipelines: readonly Pipeline[] }): ReactElement {
  const [pipeline] = pipelines;
  if (pipeline !== undefined) {
    return (
      <EmptyState title="Nothing has run yet">
        <p>
          Push to {pipeline.name}’s repository, or{" "}
          <Link to="/pipelines/$id" params={{ id: pipeline.id }}>
            start its first run by hand
          </Link>
          . In a terminal:
        </p>
        <CodeBlock label="the command" code={`waybill trigger ${pipeline.name} --wait`} />
      </EmptyState>
    );
  }
  return (
    <EmptyState title="There is no run yet that you may see">
      <p>
        <Link to="/projects/new">Connect a repository</Link> that has a <code>waybill.yaml</code>; every push to it then
        starts a run. In a terminal:
      </p>
      <CodeBlock
        label="the commands"
        code={[
          `waybill login --server ${location.origin}`,
          "waybill connect https://git.example.com/team/shop.git",
          "waybill trigger shop --wait",
        ].join("\n")}
      />
    </EmptyState>
  );
}
