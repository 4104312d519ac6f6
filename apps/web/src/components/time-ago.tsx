import type { ReactElement } from "react";
import { formatAge, formatExactTime, formatUntil } from "./format.ts";
import { useNow } from "./use-now.ts";

export interface TimeAgoProps {
  /** RFC 3339. */
  readonly time: string;
}

/** How long ago something was; the exact time when somebody points at it. */
export function TimeAgo({ time }: TimeAgoProps): ReactElement {
  const at = Date.parse(time);
  const now = useNow();
  return (
    <time dateTime={time} title={formatExactTime(at)}>
      {formatAge(now - at, at)}
    </time>
  );
}

/** How far ahead something is, as the end of a token; the exact time when somebody points at it. */
export function TimeUntil({ time }: TimeAgoProps): ReactElement {
  const at = Date.parse(time);
  const now = useNow();
  return (
    <time dateTime={time} title={formatExactTime(at)}>
      {formatUntil(at - now, at)}
    </time>
  );
}
