import { createContext, useContext, useEffect, useSyncExternalStore, type ReactElement, type ReactNode } from "react";
import type { Connection } from "./connection.ts";
import type { ConnectionState, LiveEvent } from "./live-event.ts";

const LiveContext = createContext<Connection | null>(null);

export interface LiveProviderProps {
  readonly connection: Connection;
  readonly children: ReactNode;
}

export function LiveProvider({ connection, children }: LiveProviderProps): ReactElement {
  return <LiveContext value={connection}>{children}</LiveContext>;
}

export function useConnection(): Connection {
  const connection = useContext(LiveContext);
  if (connection === null) throw new Error("there is no LiveProvider above");
  return connection;
}

export function useConnectionState(): ConnectionState {
  const connection = useConnection();
  return useSyncExternalStore(connection.watch, connection.state);
}

/** For what is not in the cache, as "waiting for the first event". @param listener must not change with every render */
export function useLiveEvents(listener: (events: readonly LiveEvent[]) => void): void {
  const connection = useConnection();
  useEffect(() => connection.listen({ onFresh: () => undefined, onEvents: listener }), [connection, listener]);
}
