import type { Clock } from "@waybill/core";
import { inspect } from "node:util";
import { pino } from "pino";
import { currentCorrelation } from "./telemetry/correlation.ts";
import { redactLine, type Redaction } from "./telemetry/redact-line.ts";

/** What the server tells its operator: one JSON object a line. */
export interface ServerLog {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields: Fields, error: unknown): void;
  /** The same log, for what another part of the server tells. */
  component(name: string): ServerLog;
}

export type Fields = Readonly<Record<string, string | number | boolean | null>>;

export type LogLevel = "debug" | "info" | "warn" | "error";

/** The level of each component by name, and of all others. */
export interface LogLevels {
  readonly fallback: LogLevel;
  readonly components: Readonly<Record<string, LogLevel>>;
}

const DEFAULT_LEVELS: LogLevels = { fallback: "info", components: {} };

/** Longer texts of errors are cut. */
const MAX_ERROR_CHARACTERS = 8_000;

/**
 * Each line has `timestamp`, `level`, `component`, `correlation_id` and `message`, and what the caller adds. Inside of a
 * request, and of a run that it started, the id is that of the request.
 *
 * @param write gets whole lines, without anything that is known as, or looks like, a secret
 */
export function createServerLog(
  clock: Clock,
  write: (line: string) => void,
  redaction: Redaction | null = null,
  levels: LogLevels = DEFAULT_LEVELS,
): ServerLog {
  const root = pino(
    {
      base: null,
      messageKey: "message",
      timestamp: () => `,"timestamp":"${new Date(clock.now()).toISOString()}"`,
      formatters: { level: (label) => ({ level: label.toUpperCase() }) },
      mixin: () => ({ correlation_id: currentCorrelation()?.id ?? "unknown" }),
      // What a caller adds beats what is around it.
      mixinMergeStrategy: (given, around) => ({ ...around, ...given }),
    },
    { write: (line) => write(redactLine(line, redaction)) },
  );
  const logOf = (component: string): ServerLog => {
    const log = root.child({ component }, { level: levels.components[component] ?? levels.fallback });
    return {
      debug: (message, fields = {}) => log.debug(fields, message),
      info: (message, fields = {}) => log.info(fields, message),
      warn: (message, fields = {}) => log.warn(fields, message),
      error: (message, fields, error) => log.error({ ...fields, exception: textOf(error) }, message),
      component: logOf,
    };
  };
  return logOf("server");
}

function textOf(error: unknown): string {
  return inspect(error, { depth: 4 }).slice(0, MAX_ERROR_CHARACTERS);
}
