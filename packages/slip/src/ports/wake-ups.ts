/** Tells that a slip may have changed: what the server's events do for those who wait in its process. */
export interface WakeUps {
  /**
   * Calls `wake` after each change of the slip, and perhaps in between.
   *
   * @returns ends it
   */
  subscribe(correlationId: string, wake: () => void): () => void;
}
