import type { ReactElement } from "react";
import { formatDuration } from "./format.ts";
import { useNow } from "./use-now.ts";

export interface DurationProps {
  /** RFC 3339; null: it has not begun. */
  readonly from: string | null;
  /** Null: it goes on, and the duration grows. */
  readonly to: string | null;
}

/** How long something took, or takes so far. Digits are equally wide, so that nothing jumps. */
export function Duration({ from, to }: DurationProps): ReactElement | null {
  const now = useNow(from !== null && to === null);
  if (from === null) return null;
  const ms = (to === null ? now : Date.parse(to)) - Date.parse(from);
  return <span className="tabular">{formatDuration(ms)}</span>;
}
