import type { ReactElement } from "react";
import { classNames } from "./class-names.ts";
import { STATUS_WORDS, type Status } from "./status.ts";
import styles from "./status-mark.module.css";

export interface StatusMarkProps {
  readonly status: Status;
  /** In place of the status's own. */
  readonly word?: string;
  /** `icon`: the word is there for those who do not see the icon alone. */
  readonly show?: "both" | "icon" | "pill";
  readonly size?: number;
}

/** Colour, icon and word of a status: the same everywhere. */
export function StatusMark({
  status,
  word = STATUS_WORDS[status],
  show = "both",
  size = 16,
}: StatusMarkProps): ReactElement {
  return (
    <span
      className={classNames(styles.mark, styles[status], show === "pill" && styles.pill)}
      title={show === "icon" ? word : undefined}
    >
      <StatusIcon status={status} size={size} />
      <span className={show === "icon" ? styles.unseen : undefined}>{word}</span>
    </span>
  );
}

interface StatusIconProps {
  readonly status: Status;
  readonly size: number;
}

function StatusIcon({ status, size }: StatusIconProps): ReactElement {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.75}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      className={styles.icon}
    >
      {SHAPES[status]}
    </svg>
  );
}

const SHAPES: Readonly<Record<Status, ReactElement>> = {
  queued: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="M8 4.8V8l2.2 1.5" />
    </>
  ),
  running: (
    <>
      <circle cx="8" cy="8" r="6" opacity="0.3" />
      <path d="M8 2a6 6 0 0 1 6 6" className={styles.turning} />
    </>
  ),
  success: (
    <>
      <circle cx="8" cy="8" r="7" fill="currentColor" stroke="none" />
      <path d="M4.9 8.3l2.1 2.1 4.1-4.6" stroke="var(--surface)" />
    </>
  ),
  failed: (
    <>
      <circle cx="8" cy="8" r="7" fill="currentColor" stroke="none" />
      <path d="M5.5 5.5l5 5M10.5 5.5l-5 5" stroke="var(--surface)" />
    </>
  ),
  cancelled: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="M5 8h6" />
    </>
  ),
  held: (
    <path d="M4.5 8V4.2a1 1 0 0 1 2 0V7M6.5 7V3a1 1 0 0 1 2 0v4M8.5 7V3.7a1 1 0 0 1 2 0V8M10.5 8V5.5a1 1 0 0 1 2 0V10a4.3 4.3 0 0 1-4.3 4.3c-2.2 0-3.2-1-4.2-2.8L2.6 9.2c-.5-1 .8-1.8 1.5-.9l.9 1.2" />
  ),
  person: (
    <>
      <circle cx="8" cy="5" r="2.8" />
      <path d="M2.8 14a5.2 5.2 0 0 1 10.4 0" />
    </>
  ),
};
