import { hasSystemCode, WaybillError } from "@waybill/core";
import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import * as z from "zod/mini";
import type { CommandContext } from "../context.ts";
import { reasonOf } from "../files/read-bounded.ts";

/** The servers somebody has signed in at, by their addresses. */
export interface KnownServers {
  /** Where commands go that need a server and are told of none; null: nowhere. */
  readonly default: string | null;
  /** A token of null: the server wants none. */
  readonly servers: Readonly<Record<string, { readonly token: string | null }>>;
}

const NONE: KnownServers = { default: null, servers: {} };

const schema = z.object({
  default: z.nullable(z.string()),
  servers: z.record(z.string(), z.object({ token: z.nullable(z.string()) })),
});

/** `$XDG_CONFIG_HOME/waybill/servers.json`, or below `~/.config`. */
export function knownServersFile(context: Pick<CommandContext, "env">): string {
  const configured = context.env["XDG_CONFIG_HOME"] ?? "";
  const home = context.env["HOME"] ?? homedir();
  // A relative one is to be ignored, says the specification of these directories.
  return join(isAbsolute(configured) ? configured : join(home, ".config"), "waybill/servers.json");
}

/** @throws WaybillError `CLI_FILE_UNREADABLE` */
export async function readKnownServers(context: Pick<CommandContext, "env">): Promise<KnownServers> {
  const file = knownServersFile(context);
  let problem: string;
  try {
    const parsed = z.safeParse(schema, JSON.parse(await readFile(file, "utf8")));
    if (parsed.success) return parsed.data;
    problem = "it is none that waybill login writes";
  } catch (error) {
    if (hasSystemCode(error, "ENOENT")) return NONE;
    // What a JSON parser says repeats what it read: a token.
    problem = error instanceof SyntaxError ? "it is no JSON" : reasonOf(error);
  }
  throw new WaybillError("CLI_FILE_UNREADABLE", { file, reason: problem });
}

/**
 * Nobody but its owner can read it, at no moment, and a crash leaves the old file or the new one.
 *
 * @throws WaybillError `CLI_FILE_UNWRITABLE`
 */
export async function writeKnownServers(context: Pick<CommandContext, "env">, known: KnownServers): Promise<void> {
  const file = knownServersFile(context);
  const fresh = `${file}.${process.pid}`;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(fresh, `${JSON.stringify(known, null, 2)}\n`, { mode: 0o600 });
    await chmod(fresh, 0o600);
    await rename(fresh, file);
  } catch (error) {
    throw new WaybillError("CLI_FILE_UNWRITABLE", { file, reason: reasonOf(error) }, { cause: error });
  }
}
