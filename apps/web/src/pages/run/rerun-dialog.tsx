import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactElement } from "react";
import type { Args } from "../../api/client.ts";
import type { Job, RunDetails } from "../../api/generated/operations.ts";
import { environmentQuery } from "../../api/queries/runs.ts";
import { Button } from "../../components/button.tsx";
import { CommandHint } from "../../components/command-hint.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { SelectField, TextField } from "../../components/field.tsx";
import { shellWord } from "../../components/shell-word.ts";
import styles from "./rerun-dialog.module.css";

export type Rerun = NonNullable<Args<"rerunRun">["body"]>;

export interface RerunDialogProps {
  readonly run: RunDetails;
  readonly jobs: readonly Job[];
  readonly selected: string | null;
  readonly isBusy: boolean;
  readonly onRerun: (body: Rerun) => void;
  readonly onClose: () => void;
}

interface Change {
  readonly name: string;
  readonly value: string;
}

const EMPTY: Change = { name: "", value: "" };
const NAME = /^[A-Za-z_][\w.-]*$/;

/** Runs it again with other values of variables. */
export function RerunDialog({ run, jobs, selected, isBusy, onRerun, onClose }: RerunDialogProps): ReactElement {
  const [what, setWhat] = useState("all");
  const [changes, setChanges] = useState<readonly Change[]>([EMPTY]);
  const { data } = useQuery(environmentQuery(run.id));
  const known = (data?.variables ?? []).filter(({ source }) => source !== "git");
  const given = changes.filter(({ name }) => name !== "");
  const wrong = given.find(({ name }) => !NAME.test(name));
  const change = (at: number, part: Partial<Change>): void => {
    const next = changes.map((each, index) => (index === at ? { ...each, ...part } : each));
    setChanges(next.at(-1)?.name === "" ? next : [...next, EMPTY]);
  };
  const rerun = (event: FormEvent): void => {
    event.preventDefault();
    if (wrong !== undefined || isBusy) return;
    const variables = Object.fromEntries(given.map(({ name, value }) => [name, value]));
    const jobsOf: Rerun = what === "all" || what === "failed" ? { only: what } : { jobs: [what.slice("job:".length)] };
    onRerun({ ...jobsOf, ...(given.length === 0 ? {} : { variables }) });
  };
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={`Rerun #${run.number} with other values`}
      actions={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button kind="primary" icon="rerun" type="submit" form="rerun" isBusy={isBusy}>
            Rerun
          </Button>
        </>
      }
    >
      <form id="rerun" className={styles.form} onSubmit={rerun}>
        <SelectField
          label="What"
          value={what}
          onChange={(event) => setWhat(event.target.value)}
          options={[
            { value: "all", label: `All ${jobs.length} jobs` },
            { value: "failed", label: "What failed" },
            ...(selected === null ? [] : [{ value: `job:${selected}`, label: `Only ${selected}` }]),
          ]}
        />
        <datalist id="rerun-names">
          {known.map(({ name }) => (
            <option key={name} value={name} />
          ))}
        </datalist>
        {changes.map(({ name, value }, at) => (
          <div key={at} className={styles.change}>
            <TextField
              label="Variable"
              isCode
              list="rerun-names"
              value={name}
              error={name === "" || NAME.test(name) ? null : "A letter, then letters, digits, _ . and -"}
              onChange={(event) => {
                const old = known.find((each) => each.name === event.target.value)?.value;
                change(at, {
                  name: event.target.value,
                  ...(value === "" && typeof old === "string" ? { value: old } : {}),
                });
              }}
            />
            <TextField
              label="Value"
              isCode
              value={value}
              onChange={(event) => change(at, { value: event.target.value })}
            />
          </div>
        ))}
        <p>
          Where variables change, jobs run again also where an earlier run had their results. Secrets do not belong
          here.
        </p>
        <CommandHint command={commandOf(run.number, what, given)} />
      </form>
    </Dialog>
  );
}

function commandOf(number: number, what: string, given: readonly Change[]): string {
  const only = what === "all" ? "" : what === "failed" ? " --failed" : ` --job ${shellWord(what.slice("job:".length))}`;
  return `waybill rerun ${number}${only}${given.map(({ name, value }) => ` --var ${shellWord(`${name}=${value}`)}`).join("")}`;
}
