import type { EngineNotice } from "@waybill/engine";

/** Shows a run while it goes on. */
export interface Renderer {
  /** Called for each notice in order. A promise holds the run's output back until the reader has caught up. */
  notice(notice: EngineNotice): void | Promise<void>;
  /** A word to the user that is not part of the run: "cancelling …". */
  message(text: string): void;
  /**
   * Nothing more will come: leaves the terminal as it was found.
   * @returns whether every job stands on the screen with how it ended, so that the summary need not list them
   */
  close(): boolean;
}
