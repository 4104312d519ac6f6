import { memo, useState, type CSSProperties, type MouseEvent, type ReactElement } from "react";
import type { LogLine, Step } from "../api/generated/operations.ts";
import { classNames } from "../components/class-names.ts";
import { formatExactTime } from "../components/format.ts";
import { Icon } from "../components/icon.tsx";
import { parseAnsi, type SpanStyle } from "./ansi.ts";
import { groupMark } from "./groups.ts";
import styles from "./log-row.module.css";

export interface LogRowProps {
  readonly index: number;
  /** Undefined: it is being read. */
  readonly line: LogLine | undefined;
  readonly isSelected: boolean;
  readonly problem: "error" | "warning" | undefined;
  /** What was found, in small letters; empty: nothing is looked for. */
  readonly needle: string;
  readonly isCurrentMatch: boolean;
  /** As it was printed: nothing is coloured, collapsed or folded. */
  readonly isRaw: boolean;
  /** Whether the group that begins here is folded. */
  readonly isFolded: boolean;
  /** Of the job, milliseconds since the epoch. */
  readonly startedAt: number | null;
  readonly onSelect: (index: number, isExtended: boolean) => void;
  readonly onFold: (index: number) => void;
}

const MASK = /(\*{3,})/;
/** Of a longer line the rest is shown when it is asked for. */
const SHOWN_CHARACTERS = 4_000;

export const LogRow = memo(function LogRow(props: LogRowProps): ReactElement {
  const { index, line, isSelected, problem, needle, isCurrentMatch, isRaw, isFolded, startedAt, onSelect, onFold } =
    props;
  const [isWhole, setWhole] = useState(false);
  const select = (event: MouseEvent): void => {
    event.preventDefault();
    onSelect(index, event.shiftKey);
  };
  const text = line?.text ?? " ";
  const isCut = text.length > SHOWN_CHARACTERS && !isWhole;
  const shown = isCut ? text.slice(0, SHOWN_CHARACTERS) : text;
  const group = isRaw ? null : groupMark(shown);
  return (
    <div
      className={classNames(
        styles.row,
        isSelected && styles.selected,
        line !== undefined && styles[line.stream],
        problem !== undefined && styles[problem],
        isCurrentMatch && styles.current,
      )}
      data-line={index + 1}
      data-problem={problem}
    >
      <a
        className={styles.number}
        href={`?line=${index + 1}`}
        onClick={select}
        aria-label={problem === undefined ? `Line ${index + 1}` : `Line ${index + 1}, ${problem}`}
        tabIndex={-1}
      >
        {index + 1}
      </a>
      <span className={styles.time} title={line === undefined ? undefined : formatExactTime(Date.parse(line.time))}>
        {line === undefined || startedAt === null ? "" : offsetOf(line.time, startedAt)}
      </span>
      {group?.kind === "begin" ? (
        <button type="button" className={styles.group} aria-expanded={!isFolded} onClick={() => onFold(index)}>
          <Icon name={isFolded ? "right" : "down"} size={12} />
          {group.name === "" ? "group" : group.name}
        </button>
      ) : (
        <span className={styles.text}>
          {group === null ? (isRaw ? visible(shown) : spansOf(shown, needle)) : null}
          {isCut ? (
            <button type="button" className={styles.more} onClick={() => setWhole(true)}>
              … {(text.length - SHOWN_CHARACTERS).toLocaleString("en")} more characters
            </button>
          ) : null}
        </span>
      )}
    </div>
  );
});

export interface StepHeadProps {
  readonly step: Step | undefined;
  readonly attempt: number;
  readonly isFolded: boolean;
  readonly duration: ReactElement | null;
  readonly mark: ReactElement | null;
  readonly onFold: () => void;
}

/** Above the first line of a step: its name and how long it took. Folds it. */
export function StepHead({ step, attempt, isFolded, duration, mark, onFold }: StepHeadProps): ReactElement {
  return (
    <button type="button" className={styles.head} aria-expanded={!isFolded} onClick={onFold}>
      <Icon name={isFolded ? "right" : "down"} size={12} />
      {mark}
      <span className={styles.stepName}>{step?.name ?? "Before the steps"}</span>
      {attempt > 1 ? <span className={styles.fact}>attempt {attempt}</span> : null}
      <span className={styles.fact}>{duration}</span>
    </button>
  );
}

/** Seconds since the job began, to the millisecond. */
function offsetOf(time: string, startedAt: number): string {
  const ms = Math.max(0, Date.parse(time) - startedAt);
  const seconds = (ms % 60_000) / 1000;
  return `${Math.floor(ms / 60_000)}:${seconds.toFixed(3).padStart(6, "0")}`;
}

/** Control characters as their pictures. */
function visible(text: string): string {
  // eslint-disable-next-line no-control-regex -- what is made visible
  return text.replaceAll(/[\u0000-\u0008\u000A-\u001F]/g, (character) =>
    String.fromCodePoint(0x24_00 + (character.codePointAt(0) ?? 0)),
  );
}

function spansOf(text: string, needle: string): ReactElement[] {
  return parseAnsi(text).flatMap(({ text: part, style }, span) =>
    part.split(MASK).map((piece, at) =>
      at % 2 === 1 ? (
        <span key={`${span}.${at}`} className={styles.masked} title="A secret stood here">
          {piece}
        </span>
      ) : (
        <span key={`${span}.${at}`} className={classOf(style)} style={styleOf(style)}>
          {needle === "" ? piece : marked(piece, needle)}
        </span>
      ),
    ),
  );
}

function marked(text: string, needle: string): (string | ReactElement)[] {
  const parts: (string | ReactElement)[] = [];
  const small = text.toLowerCase();
  let from = 0;
  for (let at = small.indexOf(needle); at >= 0; at = small.indexOf(needle, from)) {
    parts.push(text.slice(from, at), <mark key={at}>{text.slice(at, at + needle.length)}</mark>);
    from = at + needle.length;
  }
  parts.push(text.slice(from));
  return parts;
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
