import { useSyncExternalStore } from "react";

const TICK_MS = 1000;
const watchers = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | null = null;

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  timer ??= setInterval(tick, TICK_MS);
  return () => {
    watchers.delete(watcher);
    if (watchers.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
}

function tick(): void {
  // Nobody looks at a hidden tab; it shows the right time when somebody does, within a second.
  if (document.hidden) return;
  now = Date.now();
  for (const watcher of watchers) watcher();
}

function never(): () => void {
  return () => undefined;
}

/** Milliseconds since the epoch, told again every second while `ticks`: one timer for all that is shown. */
export function useNow(ticks = true): number {
  return useSyncExternalStore(ticks ? watch : never, () => (timer === null ? (now = roundedNow()) : now));
}

/** The same within a second, as a store's value must be. */
function roundedNow(): number {
  const current = Date.now();
  return current - now < TICK_MS ? now : current;
}
