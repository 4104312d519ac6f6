import { systemPrincipal } from "@waybill/access";
import type { Clock, Timer } from "@waybill/core";
import type { ServerLog } from "../server-log.ts";
import type { AccessServices } from "./open-access.ts";

const MINUTE_MS = 60_000;
/** Every so many minutes what nobody can use any more is forgotten. */
const FORGET_MINUTES = 60;

/**
 * Once a minute settles approvals whose end has come, and once an hour forgets sessions, links and tokens that are over.
 * Whether they are over is asked whenever they are used; this keeps tables small and tells of what expired.
 *
 * @returns to be disposed of when the server ends; resolves when nothing is under way
 */
export function keepUpAccess(
  access: Pick<AccessServices, "approvals" | "sessions" | "signIn" | "tokens">,
  clock: Clock,
  log: ServerLog,
): AsyncDisposable {
  let timer: Timer;
  let isOver = false;
  let minutes = 0;
  let underWay: Promise<void> = Promise.resolve();

  async function look(): Promise<void> {
    try {
      await access.approvals.expireDue(systemPrincipal("approvals"));
      if (minutes % FORGET_MINUTES !== 0) return;
      await access.sessions.removeExpired();
      await access.signIn.removeExpired();
      await access.tokens.removeExpired();
    } catch (error) {
      log.error("what has expired could not be cleared away", {}, error);
    } finally {
      if (!isOver) schedule();
    }
  }

  function schedule(): void {
    timer = clock.setTimer(MINUTE_MS, () => {
      minutes += 1;
      underWay = look();
    });
  }

  schedule();
  return {
    async [Symbol.asyncDispose]() {
      isOver = true;
      timer.cancel();
      await underWay;
    },
  };
}
