import { WaybillError } from "@waybill/core";
import type { GithubAppSettings } from "@waybill/projects";
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parse } from "yaml";
import * as z from "zod/mini";

/** A forge, and how this server shows there who it is. Secrets are read from files, and stay in memory. */
export interface ForgeSettings {
  /** Of the addresses of its repositories. */
  readonly host: string;
  readonly type: "github" | "gitlab";
  /** Of its API. */
  readonly api: string;
  readonly token: string | null;
  readonly app: GithubAppSettings | null;
  /** Of GitHub: what runs are told of as. */
  readonly reports: "statuses" | "check_runs" | "nothing";
}

const id = z.union([z.string().check(z.regex(/^[\w.-]{1,100}$/)), z.int().check(z.positive())]);
const filePath = z.string().check(z.minLength(1), z.maxLength(4096));

const forge = z.strictObject({
  host: z.string().check(z.regex(/^[A-Za-z0-9.-]{1,253}$/)),
  type: z.enum(["github", "gitlab"]),
  api: z.optional(z.string().check(z.maxLength(2048))),
  token_file: z.optional(filePath),
  app: z.optional(z.strictObject({ id, private_key_file: filePath, installation_id: z.optional(id) })),
  reports: z.optional(z.enum(["statuses", "check_runs", "nothing"])),
});

const forgesFile = z.strictObject({ forges: z.array(forge).check(z.maxLength(50)) });

/**
 * Reads the file of forges, and the files of secrets that it names, from its own directory where they are relative.
 * @throws WaybillError `SERVER_SETTING_INVALID`, with nothing of a secret
 */
export async function readForges(file: string): Promise<readonly ForgeSettings[]> {
  const parsed = z.safeParse(forgesFile, parseYaml(await readText(file, file), file));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw invalid(file, `${issue?.path.map(String).join(".") || "it"} is not what it should be`);
  }
  const hosts = new Set<string>();
  const read = async (name: string): Promise<string> => (await readText(resolve(dirname(file), name), file)).trim();
  return await Promise.all(
    parsed.data.forges.map(async ({ host: written, type, api, token_file, app, reports }) => {
      const host = written.toLowerCase();
      if (hosts.has(host)) throw invalid(file, `${host} is there twice`);
      hosts.add(host);
      if ((token_file === undefined) === (app === undefined)) {
        throw invalid(file, `${host} needs either a token_file or an app`);
      }
      if (type === "gitlab" && app !== undefined) throw invalid(file, `${host}: GitLab has no apps`);
      const uses = reports ?? (app === undefined ? "statuses" : "check_runs");
      if (uses === "check_runs" && app === undefined) throw invalid(file, `${host}: only an app can make check runs`);
      return {
        host,
        type,
        api: api ?? defaultApi(type, host),
        token: token_file === undefined ? null : await read(token_file),
        app:
          app === undefined
            ? null
            : {
                appId: String(app.id),
                privateKey: await read(app.private_key_file),
                installationId: app.installation_id === undefined ? null : String(app.installation_id),
              },
        reports: uses,
      };
    }),
  );
}

function defaultApi(type: "github" | "gitlab", host: string): string {
  if (type === "gitlab") return `https://${host}`;
  return host === "github.com" ? "https://api.github.com" : `https://${host}/api/v3`;
}

async function readText(path: string, source: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new WaybillError("SERVER_SETTING_INVALID", { setting: "forges", source, problem }, { cause });
  }
}

function parseYaml(text: string, file: string): unknown {
  try {
    return parse(text, { maxAliasCount: 0 });
  } catch {
    // What the parser says repeats lines.
    throw invalid(file, "it is no YAML");
  }
}

function invalid(source: string, problem: string): WaybillError {
  return new WaybillError("SERVER_SETTING_INVALID", { setting: "forges", source, problem });
}
