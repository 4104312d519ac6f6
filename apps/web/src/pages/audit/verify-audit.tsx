import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactElement } from "react";
import { call } from "../../api/client.ts";
import type { AuditVerdict } from "../../api/generated/operations.ts";
import { Button } from "../../components/button.tsx";
import { TextField } from "../../components/field.tsx";
import { countOf } from "../../components/format.ts";
import { Panel } from "../../components/panel.tsx";
import { Sha } from "../../components/sha.tsx";
import { StatusMark } from "../../components/status-mark.tsx";
import { tellError } from "../../components/toast.tsx";
import { useMay } from "../../session/use-may.ts";
import styles from "./audit-page.module.css";

const PROBLEMS: Readonly<Record<NonNullable<AuditVerdict["problem"]>, string>> = {
  missing: "is missing",
  changed: "is not as it was written",
  out_of_order: "is not in its place",
  cut_off: "and what follows it was cut off",
};

/** Computes every hash again; with an entry that was kept elsewhere it also finds an end that was cut off. */
export function VerifyAudit(): ReactElement {
  const may = useMay("verifyAudit", null);
  const [seq, setSeq] = useState("");
  const [hash, setHash] = useState("");
  const verify = useMutation({
    mutationFn: () =>
      call("verifyAudit", {
        body: seq === "" && hash === "" ? {} : { anchor: { seq: Number(seq), integrity_hash: hash.trim() } },
      }),
    onError: (error) => tellError("The log was not verified", error),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (may.isAllowed) verify.mutate();
  };
  const verdict = verify.data;
  return (
    <Panel
      title="Is the log as it was written?"
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
      <div className="stack">
        {verdict === undefined ? (
          <p className="quiet">Computes every hash again, from the first entry to the last.</p>
        ) : (
          <p className="row wrap" role="status">
            {verdict.is_intact ? (
              <>
                <StatusMark status="success" word="intact" />
                <span>
                  All {countOf(verdict.entries ?? 0, "entry", "entries")} are as they were written. Keep the last one
                  elsewhere: number {verdict.entries}, hash{" "}
                  {verdict.head_hash === null ? null : <Sha sha={verdict.head_hash} />}
                </span>
              </>
            ) : (
              <>
                <StatusMark status="failed" word="broken" />
                <span>
                  Entry {verdict.broken_at} {verdict.problem === null ? "is wrong" : PROBLEMS[verdict.problem]}. Those
                  before it are as they were written. Compare with an export or a backup.
                </span>
              </>
            )}
          </p>
        )}
        <details className={styles.anchor}>
          <summary>Compare with an entry that was kept elsewhere</summary>
          <form onSubmit={submit} className={styles.anchorForm}>
            <TextField
              label="Its number"
              inputMode="numeric"
              pattern="[1-9][0-9]{0,14}"
              required={hash !== ""}
              value={seq}
              onChange={(event) => setSeq(event.target.value)}
            />
            <TextField
              label="Its hash"
              isCode
              pattern="\s*[0-9a-f]{64}\s*"
              required={seq !== ""}
              spellCheck={false}
              value={hash}
              onChange={(event) => setHash(event.target.value)}
              hint="64 characters, as the entry and the export have it. A chain alone cannot tell that its end was cut off."
            />
            <Button type="submit" disabledReason={may.isAllowed ? null : may.reason} isBusy={verify.isPending}>
              Compare
            </Button>
          </form>
        </details>
      </div>
    </Panel>
  );
}
