import { WaybillError } from "@waybill/core";
import { resolve } from "node:path";
import type { CommandContext } from "../context.ts";
import { readBounded, readStream } from "../files/read-bounded.ts";

const MAX_FILE_BYTES = 64 * 1024;
/** Nothing that could end a header or steer a terminal. */
const TOKEN = /^[\w.~+/=-]{16,512}$/;

/** @throws WaybillError `TOKEN_UNREADABLE`, which does not repeat it; `CLI_FILE_*` */
export function tokenFromFile(context: CommandContext, file: string): string {
  return checkedToken(new TextDecoder().decode(readBounded(resolve(context.cwd, file), file, MAX_FILE_BYTES)), file);
}

/** What was piped in: `waybill login --token-file -`. */
export async function tokenFromInput(context: CommandContext): Promise<string> {
  const bytes = await readStream(context.stdin, "standard input", MAX_FILE_BYTES);
  return checkedToken(new TextDecoder().decode(bytes), "standard input");
}

export function checkedToken(text: string, source: string): string {
  const token = text.trim();
  if (token === "") throw new WaybillError("TOKEN_UNREADABLE", { source, problem: "there is nothing in it" });
  if (!TOKEN.test(token)) throw new WaybillError("TOKEN_UNREADABLE", { source, problem: "what is there is no token" });
  return token;
}
