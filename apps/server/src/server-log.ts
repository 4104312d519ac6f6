import type { Clock } from "@waybill/core";
import { inspect } from "node:util";

/** What the server tells its operator: one JSON object a line. */
export interface ServerLog {
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields: Fields, error: unknown): void;
}

export type Fields = Readonly<Record<string, string | number | boolean | null>>;

/** @param write gets whole lines */
export function createServerLog(clock: Clock, write: (line: string) => void): ServerLog {
  function line(level: string, message: string, fields: Fields): void {
    const time = new Date(clock.now()).toISOString();
    write(`${JSON.stringify({ time, level, message, ...fields })}\n`);
  }
  return {
    info: (message, fields = {}) => line("info", message, fields),
    warn: (message, fields = {}) => line("warn", message, fields),
    error: (message, fields, error) => line("error", message, { ...fields, error: inspect(error, { depth: 4 }) }),
  };
}
