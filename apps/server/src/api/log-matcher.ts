import { WaybillError } from "@waybill/core";

/** In time linear in the line, whatever the pattern is. @throws WaybillError `API_LOG_PATTERN` */
export async function regularMatcher(pattern: string, isCaseSensitive = true): Promise<(text: string) => boolean> {
  const { RE2JS, RE2JSException } = await import("re2js");
  try {
    const compiled = RE2JS.compile(pattern, isCaseSensitive ? 0 : RE2JS.CASE_INSENSITIVE);
    return (text) => compiled.test(text);
  } catch (cause) {
    if (!(cause instanceof RE2JSException)) throw cause;
    const problem = cause.message.replace(/^error parsing regexp: /, "");
    throw new WaybillError("API_LOG_PATTERN", { problem }, { cause });
  }
}

export function plainMatcher(wanted: string, isCaseSensitive: boolean): (text: string) => boolean {
  if (isCaseSensitive) return (text) => text.includes(wanted);
  const lower = wanted.toLowerCase();
  return (text) => text.toLowerCase().includes(lower);
}
