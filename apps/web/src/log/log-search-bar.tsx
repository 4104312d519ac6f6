import { useEffect, useRef, useState, type FormEvent, type KeyboardEvent, type ReactElement } from "react";
import { problemOf } from "../api/api-error.ts";
import { Button } from "../components/button.tsx";
import { useKey } from "../shell/use-key.ts";
import type { LogSearch } from "./use-log-search.ts";
import styles from "./log-view.module.css";

/** What is looked for in a log, as the address has it. */
export interface Find {
  readonly text: string;
  readonly isRegex: boolean;
  readonly isExact: boolean;
}

export const NO_FIND: Find = { text: "", isRegex: false, isExact: false };

const PAUSE_MS = 250;

export interface LogSearchBarProps {
  readonly find: Find;
  readonly onFind: (find: Find) => void;
  readonly search: LogSearch;
  /** Which of what was found is looked at, from 0. */
  readonly at: number | null;
  readonly onMove: (by: 1 | -1) => void;
  readonly onLine: (line: number) => void;
}

/** Looks for a text in the whole log, and leads to a line by its number. */
export function LogSearchBar({ find, onFind, search, at, onMove, onLine }: LogSearchBarProps): ReactElement {
  const field = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(find.text);
  const latest = useRef({ find, onFind });
  useEffect(() => {
    latest.current = { find, onFind };
  });
  useEffect(() => {
    if (typed === latest.current.find.text) return;
    const timer = setTimeout(() => latest.current.onFind({ ...latest.current.find, text: typed }), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  useKey("/", "Search the log", () => field.current?.select());
  useKey("n", "Next of what was found", search.lines.length > 0 ? () => onMove(1) : null);
  useKey("N", "Previous of what was found", search.lines.length > 0 ? () => onMove(-1) : null);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "Escape") {
      setTyped("");
      field.current?.blur();
    } else if (event.key === "Enter" && typed === find.text) onMove(event.shiftKey ? -1 : 1);
  };
  const goTo = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const line = Number(new FormData(event.currentTarget).get("line"));
    if (Number.isSafeInteger(line) && line > 0) onLine(line - 1);
  };
  return (
    <div className={styles.search} role="search" aria-label="In this log">
      <input
        ref={field}
        type="search"
        className={`${styles.field} ${styles.text}`}
        placeholder="Search the log"
        aria-label="Search the log"
        maxLength={500}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <button
        type="button"
        className={styles.toggle}
        aria-pressed={find.isExact}
        title="Capital letters count"
        onClick={() => onFind({ ...find, isExact: !find.isExact })}
      >
        Aa
      </button>
      <button
        type="button"
        className={styles.toggle}
        aria-pressed={find.isRegex}
        title="As a regular expression (RE2)"
        onClick={() => onFind({ ...find, isRegex: !find.isRegex })}
      >
        .*
      </button>
      {find.text === "" ? null : (
        <>
          <span className={styles.found} aria-live="polite" data-found={search.lines.length}>
            {search.error === null ? foundOf(search, at) : null}
            {search.error === null ? null : (
              <span className={styles.problem} title={problemOf(search.error).remedy}>
                {problemOf(search.error).detail}
              </span>
            )}
          </span>
          <Button kind="quiet" icon="up" label="Previous (Shift Enter)" onClick={() => onMove(-1)} />
          <Button kind="quiet" icon="down" label="Next (Enter)" onClick={() => onMove(1)} />
        </>
      )}
      <form onSubmit={goTo} className={styles.goTo}>
        <input
          name="line"
          inputMode="numeric"
          className={`${styles.field} ${styles.line}`}
          placeholder="Go to line"
          aria-label="Go to line"
          autoComplete="off"
        />
      </form>
    </div>
  );
}

function foundOf({ lines, looked, isComplete }: LogSearch, at: number | null): string {
  const count = lines.length.toLocaleString("en");
  if (isComplete !== true) return `${count} … ${Math.floor(looked * 100)} %`;
  if (lines.length === 0) return "not found";
  return at === null ? `${count} lines` : `${(at + 1).toLocaleString("en")} of ${count}`;
}
