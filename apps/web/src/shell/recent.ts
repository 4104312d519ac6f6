import type { PaletteItem } from "./palette-items.ts";

const KEY = "waybill-recent";
const MOST = 8;

/** What this person opened from the palette in this browser, newest first. */
export function recentItems(userId: string): readonly PaletteItem[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(`${KEY} ${userId}`) ?? "[]");
    return Array.isArray(value) ? value.filter(isItem) : [];
  } catch {
    return [];
  }
}

export function rememberItem(userId: string, item: PaletteItem): void {
  const kept = recentItems(userId).filter(({ href }) => href !== item.href);
  try {
    localStorage.setItem(`${KEY} ${userId}`, JSON.stringify([item, ...kept].slice(0, MOST)));
  } catch {
    // A browser that keeps nothing begins anew each time.
  }
}

function isItem(value: unknown): value is PaletteItem {
  if (typeof value !== "object" || value === null) return false;
  const item = value as Readonly<Record<string, unknown>>;
  const isText = ["id", "kind", "title", "subtitle", "icon", "href"].every((name) => typeof item[name] === "string");
  // Ours alone: what is stored here may have been written by somebody else.
  return isText && /^\/(?![/\\])/.test(item["href"] as string);
}
