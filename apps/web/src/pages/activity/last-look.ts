const KEY = "waybill-last-look";
/** A look that follows so soon is the same one: a reload, a way there and back. */
const SAME_LOOK_MS = 10 * 60_000;

interface Look {
  /** When this look began, or was last renewed; milliseconds since the epoch. */
  readonly at: number;
  /** When the one before ended. */
  readonly before: number;
}

/**
 * When this person last looked before now, in this browser.
 *
 * @param userId several people may share a browser
 * @returns null: never
 */
export function lastLook(now: number, userId: string): number | null {
  const key = `${KEY} ${userId}`;
  const stored = read(key);
  const before = stored === null ? 0 : now - stored.at < SAME_LOOK_MS ? stored.before : stored.at;
  try {
    localStorage.setItem(key, JSON.stringify({ at: now, before } satisfies Look));
  } catch {
    // A browser that keeps nothing shows what failed of late.
  }
  return before === 0 ? null : before;
}

function read(key: string): Look | null {
  try {
    const value = JSON.parse(localStorage.getItem(key) ?? "null") as Partial<Look> | null;
    return typeof value?.at === "number" && typeof value.before === "number"
      ? { at: value.at, before: value.before }
      : null;
  } catch {
    return null;
  }
}
