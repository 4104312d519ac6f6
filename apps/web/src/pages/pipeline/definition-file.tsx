import { useEffect, useRef, type ReactElement } from "react";
import type { PipelineProblem } from "../../api/generated/operations.ts";
import { classNames } from "../../components/class-names.ts";
import { Icon } from "../../components/icon.tsx";
import styles from "./definition-file.module.css";

/** So many lines are laid out at once, when they come into view. */
const TOGETHER = 100;

export interface DefinitionFileProps {
  readonly text: string;
  readonly problems: readonly PipelineProblem[];
  /** A line, from 1, to be shown; null: none. */
  readonly marked: number | null;
}

/** A file with numbered lines, and below a line what is wrong with it. */
export function DefinitionFile({ text, problems, marked }: DefinitionFileProps): ReactElement {
  const frame = useRef<HTMLDivElement>(null);
  const lines = text.replace(/\n$/, "").split("\n");
  const firstBad = problems[0]?.line ?? null;
  useEffect(() => {
    const line = marked ?? firstBad;
    const file = frame.current;
    const row = line === null ? null : (file?.querySelector<HTMLElement>(`[data-file-line="${line}"]`) ?? null);
    if (file === null || row === null) return;
    // Within the file: the page stays where it is.
    const [box, own] = [file.getBoundingClientRect(), row.getBoundingClientRect()];
    if (own.top < box.top || own.bottom > box.bottom) file.scrollTop += own.top - box.top - box.height / 3;
  }, [marked, firstBad]);
  const blocks = Array.from({ length: Math.ceil(lines.length / TOGETHER) }, (_, block) => block * TOGETHER);
  return (
    <div ref={frame} className={styles.file} tabIndex={0} role="region" aria-label="The pipeline file">
      {blocks.map((from) => (
        <div key={from} className={styles.block}>
          {lines.slice(from, from + TOGETHER).map((line, at) => {
            const number = from + at + 1;
            return (
              <FileLine
                key={number}
                number={number}
                text={line}
                isMarked={number === marked}
                problems={problems.filter((problem) => problem.line === number)}
              />
            );
          })}
        </div>
      ))}
      <Problems problems={problems.filter(({ line }) => line > lines.length)} />
    </div>
  );
}

interface FileLineProps {
  readonly number: number;
  readonly text: string;
  readonly isMarked: boolean;
  readonly problems: readonly PipelineProblem[];
}

function FileLine({ number, text, isMarked, problems }: FileLineProps): ReactElement {
  return (
    <>
      <div
        className={classNames(styles.line, isMarked && styles.marked, problems.length > 0 && styles.bad)}
        data-file-line={number}
      >
        <span className={styles.number}>{number}</span>
        <code className={styles.text}>{text}</code>
      </div>
      <Problems problems={problems} />
    </>
  );
}

/** What is wrong with a line, each with its column, what was meant perhaps, and what to do. */
export function Problems({ problems }: { readonly problems: readonly PipelineProblem[] }): ReactElement | null {
  if (problems.length === 0) return null;
  return (
    <ul className={styles.problems}>
      {problems.map(({ severity, code, message, line, column, suggestion, help }) => (
        <li key={`${line}:${column} ${code} ${message}`} className={classNames(styles.problem, styles[severity])}>
          <Icon name="warning" size={14} />
          <div>
            <p>
              <strong>{severity}</strong> {message}
            </p>
            {suggestion === "" ? null : <p className={styles.remedy}>{suggestion}</p>}
            {help === "" ? null : <p className={styles.remedy}>See {help}</p>}
            <p className={styles.place}>
              line {line}, column {column} · <code>{code}</code>
            </p>
          </div>
        </li>
      ))}
    </ul>
  );
}
