import { QueryClient, type QueryKey } from "@tanstack/react-query";
import { ApiError } from "./api-error.ts";

/** What the functions of `api/queries/` give and `useQuery` takes. */
export interface Query<Data> {
  readonly queryKey: QueryKey;
  readonly queryFn: (context: { readonly signal: AbortSignal }) => Promise<Data>;
}

const MAX_TRIES = 3;
/** For what no page shows any more. */
const KEEP_MS = 5 * 60_000;

/**
 * What is cached stays fresh until an event says otherwise: nothing is asked for again because time has passed, or
 * because a window was looked at.
 */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: Infinity,
        gcTime: KEEP_MS,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
        // The server's own word is final; what did not get there is tried again.
        retry: (failures, error) => failures < MAX_TRIES && error instanceof ApiError && isPassing(error),
      },
      mutations: { retry: false },
    },
  });
}

function isPassing({ status }: ApiError): boolean {
  return status === 0 || status === 429 || status >= 500;
}

/**
 * For `useQuery` of what no event tells of (sessions, tokens, how the server is): read again when somebody comes to look
 * at it, and by no clock.
 */
export const READ_WHEN_LOOKED_AT = { refetchOnMount: "always", refetchOnWindowFocus: "always" } as const;
