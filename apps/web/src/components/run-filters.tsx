import { useEffect, useState, type ReactElement } from "react";
import type { RunFilter, RunStatus } from "../api/queries/run-filter.ts";
import { ChoiceBar } from "./choice-bar.tsx";
import { shortRef } from "./format.ts";
import { Icon } from "./icon.tsx";
import styles from "./run-filters.module.css";

const STATUSES: readonly (readonly [RunStatus | undefined, string])[] = [
  [undefined, "All"],
  ["running", "Running"],
  ["failed", "Failed"],
  ["success", "Success"],
  ["cancelled", "Cancelled"],
];

const TRIGGERS: readonly (readonly [string, string])[] = [
  ["push", "push"],
  ["tag", "tag"],
  ["pull_request", "pull request"],
  ["manual", "by hand"],
  ["cron", "schedule"],
  ["webhook", "webhook"],
];

export interface RunFiltersProps {
  readonly filter: RunFilter;
  readonly onChange: (filter: RunFilter) => void;
  /** To choose from; undefined: all runs are of one. */
  readonly projects?: readonly { readonly id: string; readonly name: string }[] | undefined;
}

/** Which runs are shown. */
export function RunFilters({ filter, onChange, projects }: RunFiltersProps): ReactElement {
  const set = (changes: Readonly<Record<string, string | undefined>>): void => {
    const { cursor: _, ...kept } = { ...filter, ...changes } as RunFilter;
    onChange(Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined && value !== "")));
  };
  return (
    <div className={styles.filters}>
      {projects === undefined || projects.length < 2 ? null : (
        <select
          className={styles.select}
          aria-label="Project"
          value={filter.project ?? ""}
          onChange={(event) => set({ project: event.target.value })}
        >
          <option value="">all projects</option>
          {projects.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      )}
      <select
        className={styles.select}
        aria-label="Started by"
        value={filter.trigger ?? ""}
        onChange={(event) => set({ trigger: event.target.value })}
      >
        <option value="">started by anything</option>
        {TRIGGERS.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
      {filter.ref === undefined ? (
        <BranchField branch={filter.branch ?? ""} onChange={(branch) => set({ branch })} />
      ) : (
        <button type="button" className={styles.ref} onClick={() => set({ ref: undefined })} title={filter.ref}>
          <span className="cut">{shortRef(filter.ref)}</span>
          <Icon name="close" size={10} />
          <span className="unseen">Show other refs, too</span>
        </button>
      )}
      <ChoiceBar label="Status" choices={STATUSES} value={filter.status} onChange={(status) => set({ status })} />
    </div>
  );
}

interface BranchFieldProps {
  readonly branch: string;
  readonly onChange: (branch: string) => void;
}

/** Takes effect when it is left or Enter is pressed: half a name matches nothing. */
function BranchField({ branch, onChange }: BranchFieldProps): ReactElement {
  const [text, setText] = useState(branch);
  useEffect(() => setText(branch), [branch]);
  const apply = (): void => {
    if (text.trim() !== branch) onChange(text.trim());
  };
  return (
    <input
      className={styles.branch}
      aria-label="Branch"
      placeholder="branch"
      spellCheck={false}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onBlur={apply}
      onKeyDown={(event) => {
        if (event.key === "Enter") apply();
      }}
    />
  );
}
