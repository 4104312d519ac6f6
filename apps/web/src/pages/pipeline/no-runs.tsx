import type { ReactElement } from "react";
import type { Pipeline } from "../../api/generated/operations.ts";
import { Button } from "../../components/button.tsx";
import { CodeBlock } from "../../components/code-block.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { shellWord } from "../../components/shell-word.ts";

export interface NoRunsProps {
  readonly pipeline: Pipeline;
  readonly onHook: () => void;
}

/** A pipeline that has never run: what makes it. */
export function NoRuns({ pipeline, onHook }: NoRunsProps): ReactElement {
  return (
    <EmptyState title="This pipeline has never run">
      <p>
        <Button kind="quiet" icon="link" onClick={onHook}>
          Set up its hook
        </Button>{" "}
        and push, or start it by hand, here or in a terminal:
      </p>
      <CodeBlock label="the command" code={`waybill trigger ${shellWord(pipeline.name)} --wait`} />
    </EmptyState>
  );
}
