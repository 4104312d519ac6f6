import { useCallback, useEffect, useRef, useState } from "react";
import { call } from "../api/client.ts";

const MAX_MATCHES = 10_000;
const PAUSE_MS = 200;

export interface LogSearch {
  /** Numbers of the lines, from 0, in order. */
  readonly lines: readonly number[];
  /** Part of the log that was looked at, 0 to 1. */
  readonly looked: number;
  /** Null: nothing is looked for. */
  readonly isComplete: boolean | null;
  readonly error: unknown;
}

const NOTHING: LogSearch = { lines: [], looked: 0, isComplete: null, error: null };

/** Looks through a job's log on the server, slice by slice; what was found so far is there at once. */
export function useLogSearch(jobId: string, text: string, isRegex: boolean, isExact: boolean): LogSearch {
  const [found, setFound] = useState<LogSearch>(NOTHING);
  useEffect(() => {
    setFound(text === "" ? NOTHING : { ...NOTHING, isComplete: false });
    if (text === "") return;
    const aborter = new AbortController();
    const timer = setTimeout(() => void look(jobId, text, isRegex, isExact, aborter.signal, setFound), PAUSE_MS);
    return () => {
      clearTimeout(timer);
      aborter.abort();
    };
  }, [jobId, text, isRegex, isExact]);
  return found;
}

async function look(
  jobId: string,
  q: string,
  isRegex: boolean,
  isExact: boolean,
  signal: AbortSignal,
  tell: (found: LogSearch) => void,
): Promise<void> {
  const lines: number[] = [];
  try {
    for (let from = 0; ;) {
      const { lines: more, ...slice } = await call("searchJobLog", {
        params: { id: jobId },
        query: {
          q,
          regex: isRegex ? "true" : "false",
          case_sensitive: isExact ? "true" : "false",
          from,
          limit: MAX_MATCHES - lines.length,
        },
        signal,
      });
      lines.push(...more);
      const isComplete = slice.is_complete || lines.length >= MAX_MATCHES || slice.next_line <= from;
      const looked = slice.total_lines === 0 ? 1 : slice.next_line / slice.total_lines;
      tell({ lines: [...lines], looked, isComplete, error: null });
      if (isComplete) return;
      from = slice.next_line;
    }
  } catch (error) {
    if (!signal.aborted) tell({ lines, looked: 0, isComplete: true, error });
  }
}

/** Which of what was found is looked at; moving beyond one end leads to the other. */
export function useMatch(
  lines: readonly number[],
  from: () => number,
  onShow: (line: number) => void,
): readonly [at: number | null, move: (by: 1 | -1) => void] {
  const [line, setLine] = useState<number | null>(null);
  const latest = useRef({ lines, from, onShow });
  useEffect(() => {
    latest.current = { lines, from, onShow };
  });
  const move = useCallback(
    (by: 1 | -1) => {
      const { lines: all, from: seen, onShow: show } = latest.current;
      const start = line ?? seen() - (by > 0 ? 1 : 0);
      const next = by > 0 ? (all.find((at) => at > start) ?? all[0]) : (all.findLast((at) => at < start) ?? all.at(-1));
      if (next === undefined) return;
      setLine(next);
      show(next);
    },
    [line],
  );
  const at = line === null ? -1 : lines.indexOf(line);
  return [at < 0 ? null : at, move];
}
