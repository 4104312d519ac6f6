import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { addressOf } from "../../api/client.ts";
import type { AuditEntry } from "../../api/generated/operations.ts";
import { READ_WHEN_LOOKED_AT } from "../../api/query.ts";
import { meQuery } from "../../api/queries/access.ts";
import { Button } from "../../components/button.tsx";
import { CodeBlock } from "../../components/code-block.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { FactList } from "../../components/fact-list.tsx";
import { SelectField } from "../../components/field.tsx";
import { FilterBar } from "../../components/filter-bar.tsx";
import { Icon } from "../../components/icon.tsx";
import { Pager } from "../../components/pager.tsx";
import { Panel } from "../../components/panel.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { Table, type Column } from "../../components/table.tsx";
import { TimeAgo } from "../../components/time-ago.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { useProjectChoice } from "../../session/project-choice.tsx";
import { useMay } from "../../session/use-may.ts";
import { Page } from "../../shell/page.tsx";
import { auditFilter, auditTableQuery, type AuditSearch } from "./audit-search.ts";
import { VerifyAudit } from "./verify-audit.tsx";
import styles from "./audit-page.module.css";

/** Who did what, the newest first; whether anybody changed the log; all of it as a file. */
export function AuditPage(): ReactElement {
  const search = useSearch({ from: "/app/settings/audit" });
  const navigate = useNavigate({ from: "/settings/audit" });
  const { data: me } = useQuery(meQuery());
  // All of it is for administrators of the server; others look at one of their projects.
  const isWhole = me?.server_admin === true;
  const choice = useProjectChoice(search.project);
  const { projects } = choice;
  const chosen = search.project === undefined && isWhole ? null : choice.project;
  const may = useMay("listAudit", chosen?.id ?? null);
  const isKnown = chosen !== null || (isWhole && search.project === undefined);
  const { data, error, refetch } = useQuery({
    ...auditTableQuery(search, chosen?.id),
    ...READ_WHEN_LOOKED_AT,
    enabled: may.isAllowed && isKnown,
    placeholderData: keepPreviousData,
  });
  const filter = (next: AuditSearch): void => void navigate({ search: next });
  const opened = data?.items.find(({ seq }) => String(seq) === search.entry);
  const { cursor: _, entry: __, ...filters } = search;
  const columns = columnsOf((entry) => filter({ ...search, entry: String(entry.seq) }));
  return (
    <Page
      title="Audit"
      facts="Each entry holds the hash of the one before it: what was changed or cut out afterwards shows."
      actions={
        may.isAllowed ? (
          <a
            className={styles.export}
            href={addressOf("exportAudit", { query: auditFilter(search, chosen?.id) })}
            download
          >
            <Icon name="download" size={14} /> Export
          </a>
        ) : (
          <Button icon="download" disabledReason={may.reason}>
            Export
          </Button>
        )
      }
    >
      <VerifyAudit />
      <FilterBar
        label="Audit"
        fields={[
          { name: "actor", label: "Who", placeholder: "ann" },
          { name: "action", label: "What", placeholder: "SECRET_CHANGED" },
          { name: "resource", label: "Of what", placeholder: "secret:DEPLOY_TOKEN" },
        ]}
        value={search}
        onChange={(next) => filter({ ...(search.project === undefined ? {} : { project: search.project }), ...next })}
      >
        <SelectField
          label="Project"
          value={chosen?.name ?? ""}
          options={[
            ...(isWhole ? [{ value: "", label: "the whole server" }] : []),
            ...(projects ?? []).map(({ name }) => ({ value: name, label: name })),
          ]}
          onChange={(event) => {
            const { project: ___, ...rest } = filters;
            filter({ ...rest, ...(event.target.value === "" ? {} : { project: event.target.value }) });
          }}
        />
      </FilterBar>
      <Panel isFlush>
        {!may.isAllowed ? (
          <div className={styles.inside}>
            <EmptyState title="The audit log is for those who administer">
              <p>{may.reason}</p>
            </EmptyState>
          </div>
        ) : data === undefined ? (
          <div className={styles.inside}>
            {error === null ? (
              <Skeleton rows={8} height={28} />
            ) : (
              <ErrorPanel error={error} onRetry={() => void refetch()} />
            )}
          </div>
        ) : data.items.length === 0 ? (
          <div className={styles.inside}>
            <EmptyState title={Object.keys(filters).length === 0 ? "Nothing was changed yet" : "Nothing of this kind"}>
              {Object.keys(filters).length === 0 ? null : <Button onClick={() => filter({})}>Show all</Button>}
            </EmptyState>
          </div>
        ) : (
          <Table label="Audit log" columns={columns} rows={data.items} keyOf={({ seq }) => String(seq)} />
        )}
        <Pager
          onBack={search.cursor === undefined ? null : () => globalThis.history.back()}
          onNext={
            typeof data?.next_cursor === "string" ? () => filter({ ...filters, cursor: data.next_cursor ?? "" }) : null
          }
        />
      </Panel>
      {opened === undefined ? null : (
        <EntryDialog
          entry={opened}
          project={projects?.find(({ id }) => id === opened.project_id)?.name ?? opened.project_id}
          onClose={() => {
            const { entry: ____, ...rest } = search;
            filter(rest);
          }}
        />
      )}
    </Page>
  );
}

function columnsOf(onOpen: (entry: AuditEntry) => void): readonly Column<AuditEntry>[] {
  return [
    { id: "seq", head: "#", isNumber: true, isExtra: true, cell: ({ seq }) => <span className="quiet">{seq}</span> },
    {
      id: "when",
      head: "When",
      cell: ({ timestamp }) => (
        <span className="quiet">
          <TimeAgo time={timestamp} />
        </span>
      ),
    },
    {
      id: "who",
      head: "Who",
      cell: ({ actor_id }) => (
        <span className={styles.who} title={actor_id}>
          {actor_id.replace(/^user:/, "")}
        </span>
      ),
    },
    {
      id: "what",
      head: "What",
      cell: (entry) => (
        <button type="button" className={styles.action} data-row="" onClick={() => onOpen(entry)}>
          {wordsOf(entry.action)}
          <small className={styles.below}>{entry.resource}</small>
        </button>
      ),
    },
    {
      id: "resource",
      head: "Of what",
      isWide: true,
      isExtra: true,
      cell: ({ resource }) => <span title={resource}>{resource}</span>,
    },
  ];
}

/** `SECRET_CHANGED` -> `secret changed`. */
function wordsOf(action: string): string {
  return action.toLowerCase().replaceAll("_", " ");
}

interface EntryDialogProps {
  readonly entry: AuditEntry;
  readonly project: string | null;
  readonly onClose: () => void;
}

function EntryDialog({ entry, project, onClose }: EntryDialogProps): ReactElement {
  const { seq, actor_id, action, resource, timestamp, context, event_id, integrity_hash, previous_hash } = entry;
  return (
    <Dialog isOpen onClose={onClose} title={`Entry ${seq}: ${wordsOf(action)}`} width="wide">
      <div className="stack">
        <FactList
          facts={[
            ["When", <TimeAgo key="when" time={timestamp} />],
            ["Who", <code key="who">{actor_id}</code>],
            ["What", <code key="what">{action}</code>],
            ["Of what", <code key="of">{resource}</code>],
            project === null ? null : ["Project", project],
            ["Event", <code key="event">{event_id}</code>],
            ["Hash", <code key="hash">{integrity_hash}</code>],
            ["Hash before", <code key="before">{previous_hash}</code>],
          ]}
        />
        {Object.keys(context).length === 0 ? null : (
          <CodeBlock label="the context" code={JSON.stringify(context, null, 2)} />
        )}
      </div>
    </Dialog>
  );
}
