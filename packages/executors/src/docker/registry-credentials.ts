import { WaybillError } from "@waybill/core";
import { spawn } from "node:child_process";
import { join } from "node:path";
import * as z from "zod/mini";
import { readSmallFile } from "../files/hostile-file.ts";

const MAX_CONFIG_BYTES = 1_048_576;
const MAX_HELPER_BYTES = 65_536;
const HELPER_TIMEOUT_MS = 30_000;
/** What Docker Hub is called where credentials are kept. */
const HUB_KEY = "https://index.docker.io/v1/";

const configSchema = z.object({
  auths: z.optional(
    z.record(
      z.string(),
      z.object({
        auth: z.optional(z.string()),
        username: z.optional(z.string()),
        password: z.optional(z.string()),
        identitytoken: z.optional(z.string()),
      }),
    ),
  ),
  credsStore: z.optional(z.string()),
  credHelpers: z.optional(z.record(z.string(), z.string())),
});

const helperSchema = z.object({ Username: z.string(), Secret: z.string() });

type Credentials = { readonly username: string; readonly password: string } | { readonly identitytoken: string };

/**
 * What the daemon is to say to a registry, from the configuration that `docker login` writes: the registry's own
 * helper, else the store for all, else what lies in the file. Read anew each time, because tokens are renewed there.
 *
 * @param environment of Waybill: `DOCKER_CONFIG`, `HOME`, and what helpers need
 * @returns the value of `X-Registry-Auth`, to be shown nowhere; null: there is nothing to say
 * @throws WaybillError `REGISTRY_CREDENTIALS_FAILED`
 */
export async function registryAuthentication(
  registry: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string | null> {
  const config = readConfig(environment);
  if (config === null) return null;
  const keys = registry === "docker.io" ? [HUB_KEY, "index.docker.io", "docker.io"] : keysOf(registry);
  const helperFor = keys.map((key) => config.credHelpers?.[key]).find((name) => name !== undefined);
  const helper = helperFor ?? config.credsStore;
  const serverAddress = keys[0] ?? registry;
  const credentials =
    (helper === undefined || helper === "" ? null : await askHelper(helper, registry, serverAddress, environment)) ??
    fromFile(config, keys);
  if (credentials === null) return null;
  const text = JSON.stringify({ ...credentials, serveraddress: serverAddress });
  // The form for URLs with its padding: without, old daemons take it for nothing at all, and say nothing.
  return Buffer.from(text).toString("base64").replaceAll("+", "-").replaceAll("/", "_");
}

function keysOf(registry: string): string[] {
  return [registry, `https://${registry}`, `https://${registry}/v1/`, `https://${registry}/v2/`, `http://${registry}`];
}

function readConfig(environment: Readonly<Record<string, string | undefined>>): z.infer<typeof configSchema> | null {
  const directory = environment["DOCKER_CONFIG"] ?? (environment["HOME"] && join(environment["HOME"], ".docker"));
  if (directory === undefined || directory === "") return null;
  const path = join(directory, "config.json");
  const content = readSmallFile(path, MAX_CONFIG_BYTES);
  if (content === null) return null;
  try {
    if (content !== "refused") return z.parse(configSchema, JSON.parse(content.text));
  } catch {
    // The cause would quote the file.
  }
  const detail = `"${path}" is not a configuration of Docker's`;
  throw new WaybillError("REGISTRY_CREDENTIALS_FAILED", { detail });
}

function fromFile(config: z.infer<typeof configSchema>, keys: readonly string[]): Credentials | null {
  const entry = keys.map((key) => config.auths?.[key]).find((found) => found !== undefined);
  if (entry === undefined) return null;
  if (entry.identitytoken !== undefined && entry.identitytoken !== "") return { identitytoken: entry.identitytoken };
  if (entry.username !== undefined && entry.password !== undefined) {
    return { username: entry.username, password: entry.password };
  }
  const [, username, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(entry.auth ?? "", "base64").toString()) ?? [];
  if (username === undefined || password === undefined || username === "") return null;
  return { username, password: password.replace(/\0+$/, "") };
}

/** Null: the helper knows nothing of this registry. */
async function askHelper(
  name: string,
  registry: string,
  serverAddress: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Credentials | null> {
  const failed = (detail: string): WaybillError =>
    new WaybillError("REGISTRY_CREDENTIALS_FAILED", { detail: `the helper for "${registry}" ${detail}` });
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) throw failed("has a name no program may have");
  const program = `docker-credential-${name}`;
  const { code, output } = await runHelper(program, serverAddress, environment).catch(() => {
    throw failed(`cannot be started: "${program}"`);
  });
  if (code !== 0) {
    // The one sentence all helpers have for it, on standard output.
    if (/credentials not found/i.test(output)) return null;
    throw failed(`failed: "${program}" ended with exit code ${code}`);
  }
  let answer;
  try {
    answer = z.parse(helperSchema, JSON.parse(output));
  } catch {
    throw failed(`gave an answer that is none: "${program}"`);
  }
  if (answer.Username === "<token>") return { identitytoken: answer.Secret };
  return { username: answer.Username, password: answer.Secret };
}

async function runHelper(
  program: string,
  input: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly code: number | null; readonly output: string }> {
  return await new Promise((resolve, reject) => {
    const child = spawn(program, ["get"], {
      stdio: ["pipe", "pipe", "ignore"],
      env: { ...environment },
      timeout: HELPER_TIMEOUT_MS,
      killSignal: "SIGKILL",
    });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      if (output.length < MAX_HELPER_BYTES) output += chunk.toString();
    });
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, output }));
    // A helper that does not read its input says so by its exit code.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}
