import { WaybillError } from "@waybill/core";
import { resolve } from "node:path";
import { parseEnv } from "node:util";
import type { CommandContext } from "../context.ts";
import { isVariableName, type ParameterOptions } from "../options.ts";
import { readBounded } from "./read-bounded.ts";

const MAX_ENV_FILE_BYTES = 1024 * 1024;

/**
 * The run-time parameters of a command: those of `--env-file`, later files over earlier ones, and over
 * them those of `--var`.
 *
 * @throws WaybillError `CLI_ENV_FILE_INVALID`, `CLI_FILE_*`
 */
export function readParameters(context: CommandContext, options: ParameterOptions): Readonly<Record<string, string>> {
  const values = new Map<string, string>();
  for (const file of options.envFile) {
    for (const [name, value] of readEnvFile(context, file)) values.set(name, value);
  }
  return Object.fromEntries([...values, ...options.var]);
}

function readEnvFile(context: CommandContext, file: string): readonly (readonly [string, string])[] {
  if (file === "") throw new WaybillError("CLI_FILE_NOT_FOUND", { file });
  const bytes = readBounded(resolve(context.cwd, file), file, MAX_ENV_FILE_BYTES);
  const entries = Object.entries(parseEnv(new TextDecoder().decode(bytes)));
  for (const [name] of entries) {
    if (!isVariableName(name)) throw new WaybillError("CLI_ENV_FILE_INVALID", { name, file });
  }
  return entries.map(([name, value]) => [name, value ?? ""]);
}
