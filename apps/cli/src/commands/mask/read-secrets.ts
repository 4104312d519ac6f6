import { MAX_SECRETS_BYTES, WaybillError } from "@waybill/core";
import { resolve } from "node:path";
import * as z from "zod/mini";
import type { CommandContext } from "../../context.ts";
import { readBounded } from "../../files/read-bounded.ts";

/** In JSON a byte of a secret takes up to six characters. */
const MAX_FILE_BYTES = Math.max(1024 * 1024, 6 * MAX_SECRETS_BYTES);

const secretList = z.array(z.string());

/**
 * Secrets of a file: one a line, empty lines left out, or a JSON list. What looks like JSON has to be: a broken list
 * taken as lines would mask something else than it should.
 *
 * @throws WaybillError `MASKING_SECRETS_INVALID`, `CLI_FILE_*`; without anything of the file's contents
 */
export async function readSecrets(context: CommandContext, file: string): Promise<readonly string[]> {
  if (file === "") throw new WaybillError("CLI_FILE_NOT_FOUND", { file });
  const bytes = await readBounded(resolve(context.cwd, file), file, MAX_FILE_BYTES);
  const text = new TextDecoder().decode(bytes);
  if (!text.trimStart().startsWith("[")) return text.split(/\r?\n/).filter((line) => line !== "");
  const result = z.safeParse(secretList, parsed(text));
  if (!result.success) throw new WaybillError("MASKING_SECRETS_INVALID", { file });
  return result.data;
}

/** The engine's message about broken JSON shows some of it, so it is not even kept as a cause. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
