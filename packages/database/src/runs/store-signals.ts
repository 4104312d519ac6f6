/**
 * What servers on one database tell each other: that there is something to look at. They are hints: one that is lost costs
 * the time until the next look, and what is to be seen is in the database by the time they are sent.
 */
export interface StoreSignals {
  /** Whether what others send arrives here at the moment. */
  readonly isLive: boolean;
  /** Soon, together with others. @param signal a short word, no spaces */
  send(signal: string): void;
  /** @param listener gets what others have sent; null: some may have been missed */
  listen(listener: (signal: string | null) => void): void;
  /** Sends what waits to be sent. */
  close(): Promise<void>;
}

/** A file is one server's. */
export const NO_SIGNALS: StoreSignals = {
  isLive: false,
  send: () => undefined,
  listen: () => undefined,
  close: () => Promise.resolve(),
};
