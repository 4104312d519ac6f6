/** One thing a key does on the page that is shown. */
export interface KeyBinding {
  /** As `KeyboardEvent.key` has it, with `Ctrl ` before it where that is held: `r`, `?`, `Ctrl k`. */
  readonly keys: string;
  readonly label: string;
  readonly group: "Everywhere" | "This page";
  readonly run: () => void;
}

const bindings = new Map<symbol, KeyBinding>();
const watchers = new Set<() => void>();
let listed: readonly KeyBinding[] = [];

/** @returns takes the binding back */
export function bindKey(binding: KeyBinding): () => void {
  const id = Symbol(binding.keys);
  bindings.set(id, binding);
  changed();
  return () => {
    bindings.delete(id);
    changed();
  };
}

export function watchKeys(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export function boundKeys(): readonly KeyBinding[] {
  return listed;
}

function changed(): void {
  listed = [...bindings.values()];
  for (const watcher of watchers) watcher();
}

interface PressedKey {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/** The name of what was pressed as bindings have it; null: keys with other modifiers are the browser's. */
export function nameOfKey({ key, ctrlKey, metaKey, altKey }: PressedKey): string | null {
  if (altKey) return null;
  return ctrlKey || metaKey ? `Ctrl ${key.toLowerCase()}` : key;
}

/** What a key does now: a page's own binding wins, then the one that came last. */
export function bindingOf(name: string, among: readonly KeyBinding[], isTyping: boolean): KeyBinding | null {
  if (isTyping && !name.startsWith("Ctrl ")) return null;
  const bound = among.filter(({ keys }) => keys === name);
  return bound.findLast(({ group }) => group === "This page") ?? bound.at(-1) ?? null;
}

/** @returns stops listening */
export function listenToKeys(): () => void {
  const onKey = (event: KeyboardEvent): void => {
    const name = event.defaultPrevented || event.repeat ? repeatable(event) : nameOfKey(event);
    if (name === null) return;
    const binding = bindingOf(name, listed, takesText(event.target));
    if (binding === null) return;
    event.preventDefault();
    binding.run();
  };
  document.addEventListener("keydown", onKey);
  return () => document.removeEventListener("keydown", onKey);
}

/** Keys that move may be held down. */
function repeatable(event: KeyboardEvent): string | null {
  const name = nameOfKey(event);
  return !event.defaultPrevented && (name === "j" || name === "k") ? name : null;
}

/** Whether keys are text, or a dialog's. */
function takesText(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName) ||
    target.closest("[role=dialog],[role=menu]") !== null
  );
}

/** Focuses the next or previous of the page's rows: links and buttons with `data-row`. */
export function moveRow(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>("[data-row]")].filter((row) => row.offsetParent !== null);
  const at = rows.findIndex((row) => row === document.activeElement);
  const next = at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + by));
  rows[next]?.focus();
  rows[next]?.scrollIntoView({ block: "nearest" });
}
