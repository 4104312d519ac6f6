import type { LogFields, SlipLogger } from "../ports/logger.ts";

/** Keeps lines, for tests. */
export class RecordedLog implements SlipLogger {
  readonly lines: { readonly level: string; readonly message: string; readonly fields: LogFields }[] = [];

  debug(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: "debug", message, fields });
  }

  info(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: "info", message, fields });
  }

  warn(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: "warn", message, fields });
  }

  error(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: "error", message, fields });
  }

  /** Messages of a level. */
  of(level: "debug" | "info" | "warn" | "error"): readonly string[] {
    return this.lines.filter((line) => line.level === level).map(({ message }) => message);
  }
}
