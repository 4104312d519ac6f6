import type { ReactElement } from "react";
import type { PipelineInput } from "../../api/generated/operations.ts";
import { CheckField, SelectField, TextField } from "../../components/field.tsx";

export interface InputFieldProps {
  readonly input: PipelineInput;
  readonly text: string;
  readonly error: string | undefined;
  readonly onChange: (text: string) => void;
}

/** The field that fits an input's type. */
export function InputField({ input, text, error, onChange }: InputFieldProps): ReactElement {
  const { name, type, description, required, options } = input;
  const label = required ? `${name} (required)` : name;
  const hint = description === "" ? undefined : description;
  switch (type) {
    case "boolean":
      return (
        <CheckField
          label={
            <>
              {name}
              {description === "" ? null : <span className="quiet"> {description}</span>}
            </>
          }
          checked={text === "true"}
          onChange={(event) => onChange(String(event.target.checked))}
        />
      );
    case "choice":
      return (
        <SelectField
          label={label}
          hint={hint}
          error={error}
          value={text}
          onChange={(event) => onChange(event.target.value)}
          options={[
            ...(options.includes(text) ? [] : [{ value: "", label: "choose one" }]),
            ...options.map((option) => ({ value: option, label: option })),
          ]}
        />
      );
    case "number":
    case "string":
      return (
        <TextField
          label={label}
          hint={hint}
          error={error}
          value={text}
          spellCheck={false}
          autoComplete="off"
          inputMode={type === "number" ? "decimal" : "text"}
          aria-required={required}
          onChange={(event) => onChange(event.target.value)}
        />
      );
  }
}
