import { createServerToken, createSignInLink, loadSettings, signInAddress, type SettingPlaces } from "@waybill/server";
import { write, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";
import { settingFlags, type ServerOptions } from "./action.ts";

export interface TokenOptions {
  readonly project?: string;
  readonly role: string;
  readonly permission: readonly string[];
  readonly days?: number;
}

/** @throws WaybillError `TOKEN_INVALID`, `SERVER_*`, `STORE_*` */
export async function serverToken(
  context: CommandContext,
  name: string,
  { project, role, permission, days }: TokenOptions,
  options: ServerOptions,
): Promise<ExitCode> {
  const request = { name, projectId: project ?? null, role, permissions: permission, days: days ?? null };
  await write(context.stdout, `${await createServerToken(placesOf(context, options), request)}\n`);
  return SUCCESS;
}

/** @throws WaybillError `USER_UNKNOWN`, `SERVER_*`, `STORE_*` */
export async function signInLink(context: CommandContext, user: string, options: ServerOptions): Promise<ExitCode> {
  const places = placesOf(context, options);
  const { publicUrl, listen } = await loadSettings(places);
  const link = await createSignInLink(places, user);
  await write(context.stdout, `${signInAddress(publicUrl ?? localUrl(listen), link)}\n`);
  return SUCCESS;
}

/** Of a server that listens everywhere, what people on its machine say. */
function localUrl({ host, port }: { readonly host: string; readonly port: number }): string {
  const name = host === "::" || host === "0.0.0.0" ? "localhost" : host.includes(":") ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

function placesOf(context: CommandContext, options: ServerOptions): SettingPlaces {
  return {
    flags: settingFlags(options),
    config: options["config"] ?? null,
    environment: context.env,
    cwd: context.cwd,
  };
}
