import { MAX_SECRETS_BYTES, MIN_SECRET_LENGTH, WaybillError } from "@waybill/core";
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import * as z from "zod/mini";
import { write, type CommandContext } from "../context.ts";
import { readBounded } from "./read-bounded.ts";

/** In JSON a byte of a secret takes up to six characters. */
const MAX_FILE_BYTES = Math.max(1024 * 1024, 6 * MAX_SECRETS_BYTES);

const NAMED_LINE = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s;

/** What may stand behind `secrets.` in a pipeline file. */
const SECRET_NAME = /^[A-Za-z0-9_][A-Za-z0-9_-]*$/;

const OTHERS_MAY_READ = 0o077;

const secretList = z.array(z.string());
const secretMap = z.record(z.string(), z.string());

export interface Secret {
  /** Null: it has none, and is there to be masked only. */
  readonly name: string | null;
  readonly value: string;
  /** The line it stands in, where it stands in one: `waybill mask` cannot know whether `A=b` is a secret as a whole. */
  readonly line: string | null;
}

/**
 * Secrets of a file: one a line, `NAME=value` or the value alone, empty lines left out; or a JSON object or list. What
 * looks like JSON has to be: a broken list taken as lines would mask something else than it should.
 *
 * @throws WaybillError `MASKING_SECRETS_INVALID`, `CLI_FILE_*`; without anything of the file's contents
 */
export function readSecrets(context: CommandContext, file: string): readonly Secret[] {
  if (file === "") throw new WaybillError("CLI_FILE_NOT_FOUND", { file });
  const bytes = readBounded(resolve(context.cwd, file), file, MAX_FILE_BYTES);
  const text = new TextDecoder().decode(bytes);
  if (!/^\s*[[{]/.test(text))
    return text
      .split(/\r?\n/)
      .filter((line) => line !== "")
      .map(secretOfLine);
  const value = parsed(text);
  const list = z.safeParse(secretList, value);
  if (list.success) return list.data.map((secret) => ({ name: null, value: secret, line: null }));
  const map = z.safeParse(secretMap, value);
  if (!map.success) throw new WaybillError("MASKING_SECRETS_INVALID", { file });
  return Object.entries(map.data).map(([name, secret]) => ({ name, value: secret, line: null }));
}

/** All that `waybill mask` is to take out. A line with a name is a secret with and without it. */
export function textsToMask(secrets: readonly Secret[]): readonly string[] {
  return secrets.flatMap(({ name, value, line }) => {
    if (line === null) return [value];
    return name === null || [...value].length < MIN_SECRET_LENGTH ? [line] : [value, line];
  });
}

/**
 * The secrets of a run: what `secrets.NAME` stands for, and under names nobody can write (`#1`) what is only masked.
 * Warns where others may read the file.
 *
 * @throws WaybillError `MASKING_SECRET_TOO_SHORT`, `MASKING_SECRET_NAME`, `MASKING_SECRETS_INVALID`, `CLI_FILE_*`
 */
export async function readRunSecrets(
  context: CommandContext,
  file: string | undefined,
): Promise<Readonly<Record<string, string>>> {
  if (file === undefined) return {};
  const named = new Map<string, string>();
  for (const [index, { name, value }] of readSecrets(context, file).entries()) {
    const position = index + 1;
    if (name !== null && (!SECRET_NAME.test(name) || named.has(name))) {
      const problem = named.has(name) ? "is there twice" : "cannot be written behind secrets.";
      throw new WaybillError("MASKING_SECRET_NAME", { position, problem });
    }
    const length = [...value.slice(0, 2 * MIN_SECRET_LENGTH)].length;
    // An empty one is a value that is not there, for pipelines that can do without.
    if (length > 0 && length < MIN_SECRET_LENGTH) {
      throw new WaybillError("MASKING_SECRET_TOO_SHORT", { position, length, limit: MIN_SECRET_LENGTH });
    }
    named.set(name ?? `#${position}`, value);
  }
  context.hidden.add([...named.values()]);
  const { mode } = await stat(resolve(context.cwd, file));
  if ((mode & OTHERS_MAY_READ) !== 0) {
    await write(context.stderr, `warning: other users may read ${file}; chmod 600 makes it yours alone\n`);
  }
  return Object.fromEntries(named);
}

function secretOfLine(line: string): Secret {
  const [, name = null, value = ""] = NAMED_LINE.exec(line) ?? [];
  return name === null ? { name, value: line, line } : { name, value, line };
}

/** The engine's message about broken JSON shows some of it, so it is not even kept as a cause. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
