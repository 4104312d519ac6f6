import { useQuery } from "@tanstack/react-query";
import { useState, type ReactElement } from "react";
import { addressOf } from "../../api/client.ts";
import type { Artifact } from "../../api/generated/operations.ts";
import { artifactFilesQuery } from "../../api/queries/runs.ts";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { countOf, formatBytes } from "../../components/format.ts";
import { Icon } from "../../components/icon.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import styles from "./artifact-list.module.css";

export interface ArtifactListProps {
  readonly artifacts: readonly Artifact[];
  /** Whether the job that made it is named. */
  readonly namesJob?: boolean;
}

/** Artifacts, each with its files when it is opened. */
export function ArtifactList({ artifacts, namesJob = false }: ArtifactListProps): ReactElement {
  return (
    <ul>
      {artifacts.map((artifact) => (
        <ArtifactItem key={artifact.id} artifact={artifact} namesJob={namesJob} />
      ))}
    </ul>
  );
}

function ArtifactItem({
  artifact,
  namesJob,
}: {
  readonly artifact: Artifact;
  readonly namesJob: boolean;
}): ReactElement {
  const [isOpen, setOpen] = useState(false);
  const { id, name, job, size_bytes: size, file_count: files } = artifact;
  return (
    <li className={styles.artifact}>
      <div className={styles.row}>
        <button type="button" className={styles.name} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          <Icon name={isOpen ? "down" : "right"} size={12} />
          <Icon name="package" size={14} />
          <span className="cut">{name}</span>
        </button>
        {namesJob ? <span className={styles.fact}>of {job}</span> : null}
        <span className={styles.fact}>
          {formatBytes(size)} · {countOf(files, "file")}
        </span>
        <a href={addressOf("downloadArtifact", { params: { id } })} download className={styles.download}>
          <Icon name="download" size={14} /> Download
        </a>
      </div>
      {isOpen ? <ArtifactContents id={id} /> : null}
    </li>
  );
}

function ArtifactContents({ id }: { readonly id: string }): ReactElement {
  const [prefix, setPrefix] = useState("");
  const { data, error, refetch } = useQuery(artifactFilesQuery(id, prefix));
  if (data === undefined)
    return error === null ? <Skeleton /> : <ErrorPanel error={error} onRetry={() => void refetch()} />;
  const isCut = data.next_after !== null;
  return (
    <div className={styles.contents}>
      {isCut || prefix !== "" ? (
        <p className={styles.fact}>
          {isCut ? `The first ${data.items.length} of ${countOf(data.total, "file")}. ` : ""}
          <label>
            Paths that begin with{" "}
            <input
              className={styles.prefix}
              defaultValue={prefix}
              onChange={(event) => setPrefix(event.target.value)}
            />
          </label>
        </p>
      ) : null}
      <ul>
        {data.items.map(({ path, kind, size_bytes: size, target }) => (
          <li key={path} className={styles.file}>
            {kind === "link" ? (
              <span className="cut">
                {path} → {target}
              </span>
            ) : (
              <a
                className="cut"
                href={addressOf("downloadArtifactFile", { params: { id }, query: { path } })}
                download
                title={path}
              >
                {path}
              </a>
            )}
            <span className={styles.fact}>{kind === "link" ? "link" : formatBytes(size)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
