import type { ReactElement } from "react";
import { formatAge, formatExactTime } from "./format.ts";
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
