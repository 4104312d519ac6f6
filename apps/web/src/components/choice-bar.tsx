import type { ReactElement } from "react";
import styles from "./choice-bar.module.css";

export interface ChoiceBarProps<Value> {
  /** What is chosen, for those who do not see it. */
  readonly label: string;
  readonly choices: readonly (readonly [value: Value, text: string])[];
  readonly value: Value;
  readonly onChange: (value: Value) => void;
}

/** One of a few, all of them in sight. */
export function ChoiceBar<Value>({ label, choices, value, onChange }: ChoiceBarProps<Value>): ReactElement {
  return (
    <div className={styles.choices} role="group" aria-label={label}>
      {choices.map(([choice, text]) => (
        <button key={text} type="button" aria-pressed={choice === value} onClick={() => onChange(choice)}>
          {text}
        </button>
      ))}
    </div>
  );
}
