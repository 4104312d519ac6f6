import { useEffect, type ReactElement, type ReactNode } from "react";
import { CommandHint } from "../components/command-hint.tsx";
import { classNames } from "../components/class-names.ts";
import styles from "./page.module.css";

export interface PageProps {
  /** Of the page and of the browser's tab. */
  readonly title: string;
  /** In place of the title as heading: with marks, links. */
  readonly heading?: ReactNode;
  /** Below the heading: facts. */
  readonly facts?: ReactNode;
  readonly actions?: ReactNode;
  /** The command that shows the same. */
  readonly command?: string;
  readonly children: ReactNode;
  /** For pages that are one whole, as high as the window: they scroll inside. */
  readonly isFilled?: boolean;
}

/** What every page has: a title, what it is about, what can be done, the equivalent command. */
export function Page(props: PageProps): ReactElement {
  const { title, heading = title, facts, actions, command, children, isFilled = false } = props;
  useEffect(() => {
    document.title = `${title} · Waybill`;
  }, [title]);
  return (
    <div className={classNames(styles.page, isFilled && styles.filled)}>
      <header className={styles.head}>
        <div className={styles.what}>
          <h1 className={styles.title}>{heading}</h1>
          {facts === undefined ? null : <div className={styles.facts}>{facts}</div>}
        </div>
        <div className={styles.side}>
          {actions === undefined ? null : <div className={styles.actions}>{actions}</div>}
          {command === undefined ? null : <CommandHint command={command} />}
        </div>
      </header>
      {children}
    </div>
  );
}
