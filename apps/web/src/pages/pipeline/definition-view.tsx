import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactElement } from "react";
import { call } from "../../api/client.ts";
import type { Pipeline, PipelineFile } from "../../api/generated/operations.ts";
import { definitionQuery } from "../../api/queries/projects.ts";
import { Button } from "../../components/button.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { countOf, shortRef } from "../../components/format.ts";
import { Panel } from "../../components/panel.tsx";
import { Sha } from "../../components/sha.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { StatusMark } from "../../components/status-mark.tsx";
import { tellError } from "../../components/toast.tsx";
import { DefinitionFacts } from "./definition-facts.tsx";
import { DefinitionFile } from "./definition-file.tsx";
import { DefinitionGraph } from "./definition-graph.tsx";
import { lineOfJob } from "./line-of-job.ts";
import { RefField } from "./ref-field.tsx";
import styles from "./definition-view.module.css";

export interface DefinitionViewProps {
  readonly pipeline: Pipeline;
  /** A branch or tag; undefined: the default branch. */
  readonly at: string | undefined;
  readonly onAt: (at: string | undefined) => void;
}

/** The pipeline file beside what it means: its graph, what starts it, what it asks for; problems where they are. */
export function DefinitionView({ pipeline, at, onAt }: DefinitionViewProps): ReactElement {
  const query = definitionQuery(pipeline.id, at);
  const client = useQueryClient();
  const { data, error, isFetching } = useQuery({ ...query, placeholderData: keepPreviousData });
  const fetchAgain = useMutation({
    mutationFn: () =>
      call("getPipelineDefinition", { params: { id: pipeline.id }, query: { ref: at, refresh: "true" } }),
    onSuccess: (file) => client.setQueryData(query.queryKey, file),
    onError: (reason) => tellError("The repository was not read again", reason),
  });
  return (
    <div className={styles.view}>
      <div className={styles.bar}>
        <RefField
          pipeline={pipeline}
          label="Branch or tag"
          value={at ?? ""}
          onChange={(ref) => onAt(ref === "" || ref === pipeline.default_branch ? undefined : ref)}
        />
        <Button icon="rerun" isBusy={fetchAgain.isPending} onClick={() => fetchAgain.mutate()}>
          Fetch again
        </Button>
        {data === undefined || error !== null ? null : <FileFacts file={data} />}
      </div>
      {error === null ? null : <ErrorPanel error={error} onRetry={() => fetchAgain.mutate()} />}
      {data === undefined && error === null ? <Skeleton rows={8} height={28} label="Reading the repository" /> : null}
      {data === undefined || error !== null ? null : <LoadedFile key={data.commit} file={data} isOld={isFetching} />}
    </div>
  );
}

function FileFacts({ file }: { readonly file: PipelineFile }): ReactElement {
  const warnings = file.problems.filter(({ severity }) => severity === "warning").length;
  return (
    <p className={styles.facts}>
      {file.error_count > 0 ? (
        <StatusMark status="failed" word={countOf(file.error_count, "error")} show="pill" />
      ) : (
        <StatusMark status="success" word="valid" show="pill" />
      )}
      {warnings === 0 ? null : <StatusMark status="held" word={countOf(warnings, "warning")} show="pill" />}
      <span>
        at {shortRef(file.ref)} <Sha sha={file.commit} />
      </span>
    </p>
  );
}

interface LoadedFileProps {
  readonly file: PipelineFile;
  /** Another one is on its way. */
  readonly isOld: boolean;
}

function LoadedFile({ file, isOld }: LoadedFileProps): ReactElement {
  const [job, setJob] = useState<string | null>(null);
  const marked = job === null ? null : lineOfJob(file.text, job);
  return (
    <div className={styles.columns} aria-busy={isOld}>
      <Panel title={<code>{file.path}</code>} isFlush>
        <DefinitionFile text={file.text} problems={file.problems} marked={marked} />
      </Panel>
      <div className={styles.side}>
        <Panel title="Graph" actions={file.graph === null ? undefined : countOf(file.graph.jobs.length, "job")} isFlush>
          {file.graph === null ? (
            <p className={styles.none}>There is a graph once the file has no errors.</p>
          ) : (
            <DefinitionGraph graph={file.graph} selected={job} onSelect={setJob} />
          )}
        </Panel>
        <DefinitionFacts file={file} />
      </div>
    </div>
  );
}
