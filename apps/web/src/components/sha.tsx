import type { ReactElement } from "react";
import { copy } from "./copy.ts";
import styles from "./sha.module.css";

export interface ShaProps {
  readonly sha: string;
}

const SHOWN = 8;

/** The beginning of a commit's name; a click copies all of it. */
export function Sha({ sha }: ShaProps): ReactElement {
  return (
    <button
      type="button"
      className={styles.sha}
      title={`${sha} (click to copy)`}
      onClick={() => void copy(sha, "The commit's name")}
    >
      {sha.slice(0, SHOWN)}
    </button>
  );
}
