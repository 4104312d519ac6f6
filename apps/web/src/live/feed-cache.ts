import { hashKey, type QueryClient, type QueryKey } from "@tanstack/react-query";
import type { Connection } from "./connection.ts";
import { effectOf } from "./effects.ts";

/** Many events come at once: what they make stale is read again once. */
const TOGETHER_MS = 400;

/** Keeps what is cached as the events say. @returns ends it */
export function feedCache(connection: Connection, client: QueryClient): () => void {
  const stale = new Map<string, QueryKey>();
  let timer: ReturnType<typeof setTimeout> | null = null;
  const refresh = (): void => {
    timer = null;
    const due = [...stale.values()];
    stale.clear();
    // What is being read already may be older than the event: it is read anew.
    for (const queryKey of due) void client.invalidateQueries({ queryKey });
  };
  const stop = connection.listen({
    // Also what is being read now: it may have been read before the stream began.
    onFresh: () => void client.invalidateQueries(),
    onEvents: (events) => {
      for (const event of events) {
        const effect = effectOf(event);
        for (const { key, change } of effect.patches) {
          client.setQueryData(key, (cached: unknown) => (cached === undefined ? undefined : change(cached)));
        }
        for (const key of effect.stale) stale.set(hashKey(key), key);
      }
      if (stale.size > 0) timer ??= setTimeout(refresh, TOGETHER_MS);
    },
  });
  return () => {
    stop();
    if (timer !== null) clearTimeout(timer);
  };
}
