/** Fields of a line. No secrets: none of ours is ever one. */
export type LogFields = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** Where the library tells what it does. Messages are whole; values are in the fields. */
export interface SlipLogger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export const silentLogger: SlipLogger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
