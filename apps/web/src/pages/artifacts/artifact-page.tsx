import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { addressOf, call } from "../../api/client.ts";
import type { ArtifactFiles, ArtifactRetention, ArtifactVerification } from "../../api/generated/operations.ts";
import { keys } from "../../api/keys.ts";
import { artifactFilesQuery, artifactQuery, artifactRetentionQuery } from "../../api/queries/artifacts.ts";
import { pipelineQuery } from "../../api/queries/projects.ts";
import { runQuery } from "../../api/queries/runs.ts";
import { READ_WHEN_LOOKED_AT } from "../../api/query.ts";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { FactList } from "../../components/fact-list.tsx";
import { FilterBar } from "../../components/filter-bar.tsx";
import { countOf, formatBytes } from "../../components/format.ts";
import { Icon } from "../../components/icon.tsx";
import { Pager } from "../../components/pager.tsx";
import { Panel } from "../../components/panel.tsx";
import { Sha } from "../../components/sha.tsx";
import { shellWord } from "../../components/shell-word.ts";
import { Skeleton } from "../../components/skeleton.tsx";
import { StatusMark } from "../../components/status-mark.tsx";
import { Table, type Column } from "../../components/table.tsx";
import { TimeAgo, TimeUntil } from "../../components/time-ago.tsx";
import { tellError } from "../../components/toast.tsx";
import { useMay } from "../../session/use-may.ts";
import { Page } from "../../shell/page.tsx";
import styles from "./artifacts-page.module.css";

const SHOWN = 200;

type File = ArtifactFiles["items"][number];

/** One artifact: its files, whether it is as it was kept, and what keeps it until when. */
export function ArtifactPage(): ReactElement {
  const { id } = useParams({ from: "/app/artifacts/$id" });
  const { data: artifact, error, refetch } = useQuery(artifactQuery(id));
  const { data: run } = useQuery({ ...runQuery(artifact?.run_id ?? ""), enabled: artifact !== undefined });
  const pipelineId = run?.pipeline_id ?? null;
  const { data: pipeline } = useQuery({ ...pipelineQuery(pipelineId ?? ""), enabled: pipelineId !== null });
  if (artifact === undefined) {
    return (
      <Page title="Artifact">
        {error === null ? (
          <Skeleton rows={6} height={32} />
        ) : (
          <ErrorPanel error={error} onRetry={() => void refetch()} />
        )}
      </Page>
    );
  }
  const { name, job, run_id, size_bytes, file_count, created_at, content_hash } = artifact;
  const number = run === undefined ? run_id : String(run.number);
  return (
    <Page
      title={name}
      heading={
        <>
          <Icon name="package" /> {name}
        </>
      }
      facts={
        <>
          <Link to="/runs/$id" params={{ id: run_id }} search={{ job }}>
            {run === undefined ? "its run" : `${run.pipeline_name} #${run.number}`} · {job}
          </Link>
          <span>{countOf(file_count, "file")}</span>
          <span>{formatBytes(size_bytes)}</span>
          <TimeAgo time={created_at} />
          <Sha sha={content_hash} />
        </>
      }
      actions={
        <a className={styles.download} href={addressOf("downloadArtifact", { params: { id } })} download>
          <Icon name="download" size={14} /> Download all
        </a>
      }
      command={`waybill artifacts get ${number} ${shellWord(job)} ${shellWord(name)} --server ${globalThis.location.origin}`}
    >
      <div className={styles.columns}>
        <Files id={id} />
        <div className="stack">
          <Verification id={id} projectId={pipeline?.project_id ?? null} />
          <Retention id={id} />
        </div>
      </div>
    </Page>
  );
}

function Files({ id }: { readonly id: string }): ReactElement {
  const { prefix, after } = useSearch({ from: "/app/artifacts/$id" });
  const navigate = useNavigate({ from: "/artifacts/$id" });
  const { data, error, refetch } = useQuery(
    artifactFilesQuery(id, {
      limit: SHOWN,
      ...(prefix === undefined ? {} : { prefix }),
      ...(after === undefined ? {} : { after }),
    }),
  );
  const columns: readonly Column<File>[] = [
    {
      id: "path",
      head: "File",
      isWide: true,
      cell: ({ path, kind, target }) =>
        kind === "link" ? (
          <span className="cut" title={path}>
            {path} → {target}
          </span>
        ) : (
          <a
            href={addressOf("downloadArtifactFile", { params: { id }, query: { path } })}
            download
            data-row=""
            title={path}
          >
            <bdi>{path}</bdi>
          </a>
        ),
    },
    {
      id: "kind",
      head: "",
      isExtra: true,
      cell: ({ kind, executable }) =>
        kind === "link" ? <Badge>link</Badge> : executable ? <Badge>executable</Badge> : null,
    },
    {
      id: "hash",
      head: "SHA-256",
      isExtra: true,
      cell: ({ sha256 }) => (sha256 === null ? null : <Sha sha={sha256} />),
    },
    {
      id: "size",
      head: "Size",
      isNumber: true,
      cell: ({ kind, size_bytes }) => (kind === "link" ? null : formatBytes(size_bytes)),
    },
  ];
  return (
    <div className="stack">
      <FilterBar
        label="Files"
        fields={[{ name: "prefix", label: "Path begins with", placeholder: "dist/assets/" }]}
        value={prefix === undefined ? {} : { prefix }}
        onChange={(next) => void navigate({ search: next })}
      />
      <Panel title={data === undefined ? "Files" : countOf(data.total, "file")} isFlush>
        {data === undefined ? (
          <div className={styles.inside}>
            {error === null ? (
              <Skeleton rows={6} height={28} />
            ) : (
              <ErrorPanel error={error} onRetry={() => void refetch()} />
            )}
          </div>
        ) : data.items.length === 0 ? (
          <div className={styles.inside}>
            <EmptyState title="No file has a path that begins so" />
          </div>
        ) : (
          <Table label="Files" columns={columns} rows={data.items} keyOf={({ path }) => path} />
        )}
        <Pager
          back="Back"
          next="More files"
          onBack={after === undefined ? null : () => globalThis.history.back()}
          onNext={
            typeof data?.next_after === "string"
              ? () => void navigate({ search: (old) => ({ ...old, after: data.next_after ?? "" }) })
              : null
          }
        />
      </Panel>
    </div>
  );
}

const RESULT_WORDS: Readonly<Record<ArtifactVerification["result"], string>> = {
  valid: "as it was kept",
  corrupted: "damaged",
  missing: "not there any more",
  failed: "could not be read",
};

function Verification({ id, projectId }: { readonly id: string; readonly projectId: string | null }): ReactElement {
  const client = useQueryClient();
  const may = useMay("verifyArtifact", projectId);
  const verify = useMutation({
    mutationFn: () => call("verifyArtifact", { params: { id } }),
    onSettled: () => void client.invalidateQueries({ queryKey: keys.artifact(id) }),
    onError: (error) => tellError("The artifact was not verified", error),
  });
  const verdict = verify.data;
  return (
    <Panel
      title="Is it as it was kept?"
      actions={
        <Button
          icon="check"
          disabledReason={may.isAllowed ? null : may.reason}
          isBusy={verify.isPending}
          onClick={() => verify.mutate()}
        >
          Verify
        </Button>
      }
    >
      {verdict === undefined ? (
        <p className="quiet">
          Reads every byte and compares it with the hashes of when it was kept. What is damaged goes to quarantine,
          where no job gets it.
        </p>
      ) : (
        <div className="stack" role="status">
          <p className="row">
            <StatusMark
              status={verdict.result === "valid" ? "success" : "failed"}
              word={RESULT_WORDS[verdict.result]}
            />
            <span className="quiet">
              {countOf(verdict.contents, "content")} read <TimeAgo time={verdict.verified_at} />
            </span>
          </p>
          {verdict.problems.map((problem) => (
            <p key={problem.content_hash} className="wrap">
              <Sha sha={problem.content_hash} /> {problem.result}: {problem.detail}
            </p>
          ))}
          {verdict.result === "valid" ? null : (
            <p className="quiet">When a job builds the same content again, it is whole again: rerun the job.</p>
          )}
        </div>
      )}
    </Panel>
  );
}

function Retention({ id }: { readonly id: string }): ReactElement {
  const { data, error } = useQuery({ ...artifactRetentionQuery(id), ...READ_WHEN_LOOKED_AT });
  return (
    <Panel title="How long it is kept">
      {data === undefined ? (
        error === null ? (
          <Skeleton rows={3} height={20} />
        ) : (
          <ErrorPanel error={error} />
        )
      ) : (
        <div className="stack">
          <p className="wrap">{sentenceOf(data)}</p>
          <FactList
            facts={[
              ["Rule", data.policy ?? "none"],
              ["Why", data.reason],
              ["Last fetched", data.last_accessed_at === null ? "never" : <TimeAgo time={data.last_accessed_at} />],
              ["Storage is", data.pressure_level],
              ...data.references.map(
                ({ kind, owner, reason }, index) =>
                  [
                    `${kind === "pin" ? "Pinned" : "Used by"}${index === 0 ? "" : ` (${index + 1})`}`,
                    kind === "run" ? reason : `${owner}: ${reason}`,
                  ] as const,
              ),
            ]}
          />
        </div>
      )}
    </Panel>
  );
}

function sentenceOf({ decision, kept_until: until, references }: ArtifactRetention): ReactElement {
  if (decision === "delete") return <>The next clean-up removes it.</>;
  if (references.length > 0) return <>Kept for as long as it is used.</>;
  if (until === null) return <>Kept; for no time that could be told.</>;
  return (
    <>
      Kept until <TimeUntil time={until} />, if nobody fetches it and the store is no fuller by then.
    </>
  );
}
