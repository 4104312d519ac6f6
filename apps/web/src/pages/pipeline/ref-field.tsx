import { useQuery } from "@tanstack/react-query";
import { useEffect, useId, useState, type ReactElement } from "react";
import type { Pipeline } from "../../api/generated/operations.ts";
import { filteredRunsQuery } from "../../api/queries/run-filter.ts";
import { shortRef } from "../../components/format.ts";
import { TextField } from "../../components/field.tsx";

export interface RefFieldProps {
  readonly pipeline: Pipeline;
  readonly label: string;
  /** Empty: the default branch. */
  readonly value: string;
  readonly onChange: (ref: string) => void;
  /** Tell of every letter: by default of the whole word, when the field is left or Enter is pressed. */
  readonly isImmediate?: boolean;
}

/** A branch or tag: any may be written, those that have run lately are offered. */
export function RefField({ pipeline, label, value, onChange, isImmediate = false }: RefFieldProps): ReactElement {
  const id = useId();
  const { data } = useQuery(filteredRunsQuery({}, pipeline.id));
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const refs = (data?.items ?? []).flatMap(({ git_ref }) => (git_ref === null ? [] : [shortRef(git_ref)]));
  const known = new Set([pipeline.default_branch, ...refs.filter((ref) => !ref.startsWith("#"))]);
  const apply = (): void => {
    if (text.trim() !== value) onChange(text.trim());
  };
  return (
    <>
      <TextField
        label={label}
        list={id}
        placeholder={pipeline.default_branch}
        spellCheck={false}
        autoComplete="off"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          if (isImmediate) onChange(event.target.value.trim());
        }}
        onBlur={apply}
        onKeyDown={(event) => {
          if (event.key === "Enter" && !isImmediate) apply();
        }}
      />
      <datalist id={id}>
        {[...known].map((ref) => (
          <option key={ref} value={ref} />
        ))}
      </datalist>
    </>
  );
}
