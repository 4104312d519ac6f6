import { loadKeyRing, type KeyRing } from "@waybill/access";
import { WaybillError } from "@waybill/core";
import { readFile } from "node:fs/promises";
import type { Settings } from "../settings/settings.ts";
import type { AccessOptions } from "./open-access.ts";

/** Where an identity provider sends browsers back to, on the public address. */
export const OIDC_CALLBACK_PATH = "/sign-in/oidc/callback";

/** @throws WaybillError `SECRETS_KEY_INVALID` */
export async function openKeyRing(
  { data, secretsKeyFile }: Pick<Settings, "data" | "secretsKeyFile">,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<KeyRing> {
  const text = environment["WAYBILL_SECRETS_KEY"];
  return await loadKeyRing({ text, file: secretsKeyFile ?? undefined, dataDirectory: data });
}

/** @throws WaybillError `SERVER_SETTING_INVALID` */
export async function oidcOf({
  oidc,
  publicUrl,
}: Pick<Settings, "oidc" | "publicUrl">): Promise<AccessOptions["oidc"]> {
  if (oidc === null || publicUrl === null) return null;
  const { issuer, clientId, clientSecretFile, domains } = oidc;
  const clientSecret = clientSecretFile === null ? "" : await readSecretFile(clientSecretFile);
  return { issuer, clientId, clientSecret, domains, redirectUri: `${publicUrl}${OIDC_CALLBACK_PATH}` };
}

async function readSecretFile(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new WaybillError(
      "SERVER_SETTING_INVALID",
      { setting: "oidc-client-secret-file", source: path, problem },
      { cause },
    );
  }
}
