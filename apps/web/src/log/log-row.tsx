import { memo, type CSSProperties, type MouseEvent, type ReactElement } from "react";
import type { LogLine } from "../api/generated/operations.ts";
import { classNames } from "../components/class-names.ts";
import { parseAnsi, type SpanStyle } from "./ansi.ts";
import styles from "./log-view.module.css";

export interface LogRowProps {
  readonly index: number;
  /** Undefined: it is being read. */
  readonly line: LogLine | undefined;
  readonly isSelected: boolean;
  /** Of the job, milliseconds since the epoch. */
  readonly startedAt: number | null;
  readonly onSelect: (index: number, extends_: boolean) => void;
}

const MASK = /(\*{3,})/;

export const LogRow = memo(function LogRow({
  index,
  line,
  isSelected,
  startedAt,
  onSelect,
}: LogRowProps): ReactElement {
  const select = (event: MouseEvent): void => {
    event.preventDefault();
    onSelect(index, event.shiftKey);
  };
  return (
    <div
      className={classNames(styles.row, isSelected && styles.selected, line !== undefined && styles[line.stream])}
      data-line={index + 1}
    >
      <a
        className={styles.number}
        href={`?line=${index + 1}`}
        onClick={select}
        aria-label={`Line ${index + 1}`}
        tabIndex={-1}
      >
        {index + 1}
      </a>
      <span className={styles.time}>
        {line === undefined || startedAt === null ? "" : offsetOf(line.time, startedAt)}
      </span>
      <span className={styles.text}>{line === undefined ? " " : spansOf(line.text)}</span>
    </div>
  );
});

/** Seconds since the job began, to the millisecond. */
function offsetOf(time: string, startedAt: number): string {
  const ms = Math.max(0, Date.parse(time) - startedAt);
  const seconds = (ms % 60_000) / 1000;
  return `${Math.floor(ms / 60_000)}:${seconds.toFixed(3).padStart(6, "0")}`;
}

function spansOf(text: string): ReactElement[] {
  return parseAnsi(text).flatMap(({ text: part, style }, span) =>
    part.split(MASK).map((piece, at) =>
      at % 2 === 1 ? (
        <span key={`${span}.${at}`} className={styles.masked} title="A secret stood here">
          {piece}
        </span>
      ) : (
        <span key={`${span}.${at}`} className={classOf(style)} style={styleOf(style)}>
          {piece}
        </span>
      ),
    ),
  );
}

const COLOURS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

function classOf({ colour, isBold, isDim, isItalic, isUnderlined }: SpanStyle): string | undefined {
  const names = classNames(
    typeof colour === "number" && styles[COLOURS[colour] ?? ""],
    isBold === true && styles.bold,
    isDim === true && styles.dim,
    isItalic === true && styles.italic,
    isUnderlined === true && styles.underlined,
  );
  return names === "" ? undefined : names;
}

function styleOf({ colour }: SpanStyle): CSSProperties | undefined {
  return typeof colour === "string" ? { color: colour } : undefined;
}
