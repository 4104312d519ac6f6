import { visible, type Clock } from "@waybill/core";
import type { LogFields, SlipLogger } from "@waybill/slip";

export interface LoggerOptions {
  readonly clock: Clock;
  /** JSON for collectors, text for people. */
  readonly format: "json" | "text";
  readonly isDebug: boolean;
  /** On every line; empty texts are left out. */
  readonly fields: LogFields;
  /** @param line with its line break */
  readonly write: (line: string) => void;
}

type Level = "debug" | "info" | "warn" | "error";

/** One line for each message: level, time, message, then the fields. */
export function lineLogger(options: LoggerOptions): SlipLogger {
  const log = (level: Level) => {
    return (message: string, fields: LogFields = {}): void => {
      if (level === "debug" && !options.isDebug) return;
      options.write(`${format(options, level, message, fields)}\n`);
    };
  };
  return { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") };
}

function format(options: LoggerOptions, level: Level, message: string, fields: LogFields): string {
  const ts = new Date(options.clock.now()).toISOString();
  // The id of the slip stands on every line, even where it is not known.
  const all = { correlation_id: "", ...options.fields, ...fields };
  const said = Object.entries(all).filter(([name, value]) => name === "correlation_id" || value !== "");
  if (options.format === "json") return JSON.stringify({ level, ts, msg: message, ...Object.fromEntries(said) });
  const shown = said.filter(([, value]) => value !== "").map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return visible([`${ts} ${level.padEnd(5)} ${message}`, ...shown].join(" ")).replaceAll("\n", "\\n");
}
