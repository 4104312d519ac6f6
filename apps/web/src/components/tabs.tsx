import { Tabs as Primitive } from "@base-ui/react/tabs";
import type { ReactElement, ReactNode } from "react";
import styles from "./tabs.module.css";

export interface Tab<Id extends string> {
  readonly id: Id;
  readonly label: ReactNode;
  /** Behind the label: how many there are. */
  readonly count?: number | undefined;
}

export interface TabsProps<Id extends string> {
  readonly label: string;
  readonly tabs: readonly Tab<Id>[];
  /** Which one is shown is a part of the address, so the page holds it. */
  readonly value: Id;
  readonly onChange: (id: Id) => void;
  readonly children: ReactNode;
  readonly className?: string | undefined;
  /** At the right of the tabs. */
  readonly aside?: ReactNode;
}

export function Tabs<Id extends string>(props: TabsProps<Id>): ReactElement {
  const { label, tabs, value, onChange, children, className, aside } = props;
  return (
    <Primitive.Root value={value} onValueChange={(next) => onChange(next as Id)} className={className}>
      <div className={styles.row}>
        <Primitive.List className={styles.list} aria-label={label}>
          {tabs.map(({ id, label: text, count }) => (
            <Primitive.Tab key={id} value={id} className={styles.tab}>
              {text}
              {count === undefined ? null : <span className={styles.count}>{count}</span>}
            </Primitive.Tab>
          ))}
        </Primitive.List>
        {aside}
      </div>
      <Primitive.Panel value={value} className={styles.panel} tabIndex={-1}>
        {children}
      </Primitive.Panel>
    </Primitive.Root>
  );
}
