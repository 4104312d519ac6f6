import { serve, SETTINGS, type SettingName } from "@waybill/server";
import type { CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";

/** Options as they were given, each named as its setting in camel case, and `config`. */
export type ServerOptions = Readonly<Partial<Record<string, string>>>;

/** @throws WaybillError `SERVER_*`, `STORE_*` */
export async function server(context: CommandContext, options: ServerOptions): Promise<ExitCode> {
  await serve({
    flags: settingFlags(options),
    config: options["config"] ?? null,
    environment: context.env,
    cwd: context.cwd,
    print: (text) => void context.stdout.write(text),
    log: (line) => void context.stderr.write(line),
  });
  return SUCCESS;
}

export function settingFlags(options: ServerOptions): Readonly<Partial<Record<SettingName, string>>> {
  return Object.fromEntries(
    Object.keys(SETTINGS).flatMap((name) => {
      const value = options[name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
