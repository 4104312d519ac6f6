import type { ReactElement } from "react";
import type { RepositoryCheck } from "../../api/generated/operations.ts";
import { Badge } from "../../components/badge.tsx";
import { CodeBlock } from "../../components/code-block.tsx";
import { countOf } from "../../components/format.ts";
import { Sha } from "../../components/sha.tsx";
import { StatusMark } from "../../components/status-mark.tsx";
import { Problems } from "../pipeline/definition-file.tsx";
import styles from "./new-project.module.css";

export interface CheckResultProps {
  readonly found: RepositoryCheck;
  /** Of the pipeline file that is chosen. */
  readonly path: string;
  readonly onPath: (path: string) => void;
}

const EXAMPLE = `name: shop
jobs:
  build:
    steps:
      - { name: compile, script: ["make"] }
  test:
    depends_on: [build]
    steps:
      - { name: test, script: ["make test"] }
`;

/** What a look at a repository found: that it can be reached, its branch, its pipeline files and what is wrong with them. */
export function CheckResult({ found, path, onPath }: CheckResultProps): ReactElement {
  const { default_branch: branch, commit, files, is_complete: isComplete } = found;
  return (
    <div className={styles.result}>
      <p className={styles.reached}>
        <StatusMark status="success" word="reachable" show="pill" />
        {commit === null ? (
          "It is empty: nothing has been pushed to it yet."
        ) : (
          <>
            <Badge icon="branch" title="Its default branch">
              {branch ?? "no default branch"}
            </Badge>
            <Sha sha={commit} />
            <span>{files.length === 0 ? "no pipeline file" : countOf(files.length, "pipeline file")}</span>
          </>
        )}
      </p>
      {files.length === 0 ? (
        <div className={styles.none}>
          <p>
            Commit a <code>waybill.yaml</code>; <code>waybill init</code> writes one that fits what it finds. The
            shortest one looks like this:
          </p>
          <CodeBlock label="the example" code={EXAMPLE} />
          <p>You can make the project before that.</p>
        </div>
      ) : (
        <fieldset className={styles.files}>
          <legend className="unseen">The pipeline file</legend>
          {files.map((file) => (
            <label key={file.path} className={styles.file}>
              <input
                type="radio"
                name="pipeline-file"
                checked={file.path === path}
                onChange={() => onPath(file.path)}
              />
              <div className={styles.fileText}>
                <p className={styles.fileName}>
                  <code>{file.path}</code>
                  {file.error_count === 0 ? (
                    <StatusMark status="success" word="valid" />
                  ) : (
                    <StatusMark status="failed" word={countOf(file.error_count, "error")} />
                  )}
                </p>
                <p className={styles.fileFacts}>{factsOf(file)}</p>
              </div>
            </label>
          ))}
          {files
            .filter((file) => file.path === path && file.problems.length > 0)
            .map((file) => (
              <div key={file.path} className={styles.problems}>
                <Problems problems={file.problems.slice(0, 20)} />
              </div>
            ))}
        </fieldset>
      )}
      {isComplete ? null : <p className="quiet">There are more, or larger ones, that were not looked at.</p>}
    </div>
  );
}

function factsOf({ name, format, graph, inputs, schedule }: RepositoryCheck["files"][number]): string {
  if (graph === null) return "It cannot run as it is.";
  const parts = [
    ...(name === null ? [] : [name]),
    countOf(graph.jobs.length, "job"),
    ...(inputs.length === 0 ? [] : [countOf(inputs.length, "input")]),
    ...(schedule.length === 0 ? [] : [countOf(schedule.length, "schedule")]),
    ...(format === "waybill" ? [] : [`in the format of ${format}`]),
  ];
  return parts.join(" · ");
}
