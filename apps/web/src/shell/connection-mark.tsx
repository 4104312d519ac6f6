import type { ReactElement } from "react";
import { useConnection, useConnectionState } from "../live/live-context.tsx";
import type { ConnectionState } from "../live/live-event.ts";
import { classNames } from "../components/class-names.ts";
import { Tooltip } from "../components/tooltip.tsx";
import styles from "./connection-mark.module.css";

const WORDS: Readonly<Record<ConnectionState, readonly [word: string, says: string]>> = {
  connecting: ["Connecting", "What is shown becomes live in a moment."],
  live: ["Live", "Whatever happens on the server is shown here at once."],
  lost: [
    "Offline",
    "The connection was cut. It is tried again by itself; what was missed is caught up on. Click to try now.",
  ],
  "signed-out": ["Signed out", "Your session is over: what is shown does not change any more."],
};

/** Whether what is shown is what is. */
export function ConnectionMark(): ReactElement {
  const state = useConnectionState();
  const connection = useConnection();
  const [word, says] = WORDS[state];
  return (
    <Tooltip text={says} side="bottom">
      <button
        type="button"
        className={classNames(styles.mark, styles[state])}
        onClick={() => connection.retry()}
        data-connection={state}
      >
        <span className={styles.dot} aria-hidden="true" />
        <span className={styles.word} role="status">
          {word}
        </span>
      </button>
    </Tooltip>
  );
}
