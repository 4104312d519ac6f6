import { useState, type FormEvent, type ReactElement, type ReactNode } from "react";
import { Button } from "./button.tsx";
import { TextField } from "./field.tsx";
import styles from "./filter-bar.module.css";

export interface FilterBarProps<Name extends string> {
  readonly label: string;
  /** Name in the address, and what it says. */
  readonly fields: readonly { readonly name: Name; readonly label: string; readonly placeholder?: string }[];
  readonly value: { readonly [Each in Name]?: string };
  /** With what was typed, when Enter is pressed; what is empty is left out. */
  readonly onChange: (value: { readonly [Each in Name]?: string }) => void;
  /** Before the fields: selects, which change at once. */
  readonly children?: ReactNode;
}

/** Filters of a list. They are a part of the address, which the page writes. */
export function FilterBar<Name extends string>(props: FilterBarProps<Name>): ReactElement {
  const { label, fields, value, onChange, children } = props;
  // A new value from elsewhere (a link, the way back) begins the fields anew.
  const from = fields.map(({ name }) => value[name] ?? "").join("\u0000");
  const [typed, setTyped] = useState({ from, value });
  const current = typed.from === from ? typed.value : value;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const entries = fields.map(({ name }) => [name, current[name]?.trim() ?? ""] as const);
    onChange(Object.fromEntries(entries.filter(([, text]) => text !== "")) as { readonly [Each in Name]?: string });
  };
  return (
    <form className={styles.bar} role="search" aria-label={label} onSubmit={submit}>
      {children}
      {fields.map(({ name, label: text, placeholder }) => (
        <TextField
          key={name}
          label={text}
          placeholder={placeholder}
          value={current[name] ?? ""}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setTyped({ from, value: { ...current, [name]: event.target.value } })}
        />
      ))}
      <Button type="submit" icon="search">
        Filter
      </Button>
    </form>
  );
}
