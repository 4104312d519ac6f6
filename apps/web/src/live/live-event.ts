/** An event of `/v1/events`. What its data holds depends on its kind; `src/live/effects.ts` reads it. */
export interface LiveEvent {
  /** Its place in the one order of all events. */
  readonly id: string;
  readonly kind: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * - `connecting`: for the first time;
 * - `live`: whatever happens is told;
 * - `lost`: the connection was cut; it is tried again by itself, and what was missed is told then;
 * - `signed-out`: the server wants somebody to sign in first.
 */
export type ConnectionState = "connecting" | "live" | "lost" | "signed-out";

/** What the stream tells its listeners, and the shared worker the pages. */
export type LiveMessage =
  | { readonly type: "state"; readonly state: ConnectionState }
  /** Connected without knowing what came before: what was read earlier may be old. */
  | { readonly type: "fresh" }
  | { readonly type: "events"; readonly events: readonly LiveEvent[] };
