import {
  useId,
  type InputHTMLAttributes,
  type ReactElement,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
} from "react";
import { classNames } from "./class-names.ts";
import styles from "./field.module.css";

interface FieldProps {
  readonly label: string;
  /** Below the field: what belongs into it. */
  readonly hint?: ReactNode;
  /** In place of the hint: what is wrong with what is in it. */
  readonly error?: string | null | undefined;
}

export interface TextFieldProps extends FieldProps, InputHTMLAttributes<HTMLInputElement> {
  readonly isCode?: boolean;
}

export function TextField({ label, hint, error, isCode = false, ...input }: TextFieldProps): ReactElement {
  const id = useId();
  const says = error ?? hint;
  return (
    <div className={styles.field}>
      <label htmlFor={id} className={styles.label}>
        {label}
      </label>
      <input
        {...input}
        id={id}
        className={classNames(styles.input, isCode && styles.code)}
        aria-invalid={typeof error === "string" || undefined}
        aria-describedby={says === undefined ? undefined : `${id}-says`}
      />
      <FieldNote id={`${id}-says`} error={error} hint={hint} />
    </div>
  );
}

export interface AreaFieldProps extends FieldProps, TextareaHTMLAttributes<HTMLTextAreaElement> {
  readonly isCode?: boolean;
}

/** Text of several lines. */
export function AreaField({ label, hint, error, isCode = false, ...area }: AreaFieldProps): ReactElement {
  const id = useId();
  const says = error ?? hint;
  return (
    <div className={styles.field}>
      <label htmlFor={id} className={styles.label}>
        {label}
      </label>
      <textarea
        rows={3}
        {...area}
        id={id}
        className={classNames(styles.input, styles.area, isCode && styles.code)}
        aria-invalid={typeof error === "string" || undefined}
        aria-describedby={says === undefined ? undefined : `${id}-says`}
      />
      <FieldNote id={`${id}-says`} error={error} hint={hint} />
    </div>
  );
}

export interface SelectFieldProps extends FieldProps, SelectHTMLAttributes<HTMLSelectElement> {
  readonly options: readonly { readonly value: string; readonly label: string }[];
}

export function SelectField({ label, hint, error, options, ...select }: SelectFieldProps): ReactElement {
  const id = useId();
  return (
    <div className={styles.field}>
      <label htmlFor={id} className={styles.label}>
        {label}
      </label>
      <select {...select} id={id} className={styles.input}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      <FieldNote id={`${id}-says`} error={error} hint={hint} />
    </div>
  );
}

export interface CheckFieldProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "type"> {
  readonly label: ReactNode;
}

export function CheckField({ label, ...input }: CheckFieldProps): ReactElement {
  return (
    <label className={styles.check}>
      <input {...input} type="checkbox" />
      <span>{label}</span>
    </label>
  );
}

function FieldNote({ id, error, hint }: Omit<FieldProps, "label"> & { readonly id: string }): ReactElement | null {
  if (typeof error === "string") {
    return (
      <p id={id} className={styles.error} role="alert">
        {error}
      </p>
    );
  }
  return hint === undefined ? null : (
    <p id={id} className={styles.hint}>
      {hint}
    </p>
  );
}
