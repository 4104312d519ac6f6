import { useSyncExternalStore, type ReactElement } from "react";
import { problemOf } from "../api/api-error.ts";
import { classNames } from "./class-names.ts";
import { Icon } from "./icon.tsx";
import styles from "./toast.module.css";

interface Toast {
  readonly id: number;
  readonly kind: "done" | "error";
  readonly title: string;
  readonly description: string;
}

const SHOWN_MS = 6_000;
const MOST = 4;

const watchers = new Set<() => void>();
let toasts: readonly Toast[] = [];
let count = 0;

function show(kind: Toast["kind"], title: string, description: string): number {
  count += 1;
  change([...toasts.slice(1 - MOST), { id: count, kind, title, description }]);
  return count;
}

function putAway(id: number): void {
  change(toasts.filter((toast) => toast.id !== id));
}

function change(next: readonly Toast[]): void {
  toasts = next;
  for (const watcher of watchers) watcher();
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/** Says that something was done. */
export function tell(title: string, description = ""): void {
  const id = show("done", title, description);
  setTimeout(() => putAway(id), SHOWN_MS);
}

/** Says why something was not done, until it is put away. */
export function tellError(what: string, error: unknown): void {
  const { code, detail, remedy, request_id: id } = problemOf(error);
  show("error", what, `${detail} ${remedy} (${id === "" ? code : `${code} · ${id}`})`);
}

/** Shows what `tell` and `tellError` say, in a corner. Once, beside all pages. */
export function Toasts(): ReactElement {
  const shown = useSyncExternalStore(watch, () => toasts);
  return (
    <div className={styles.viewport} role="region" aria-label="What was done" aria-live="polite">
      {shown.map(({ id, kind, title, description }) => (
        <div
          key={id}
          className={classNames(styles.toast, kind === "error" && styles.error)}
          role={kind === "error" ? "alert" : undefined}
        >
          <div className={styles.text}>
            <p className={styles.title}>{title}</p>
            {description === "" ? null : <p className={styles.description}>{description}</p>}
          </div>
          <button type="button" className={styles.close} aria-label="Put away" onClick={() => putAway(id)}>
            <Icon name="close" size={12} />
          </button>
        </div>
      ))}
    </div>
  );
}
