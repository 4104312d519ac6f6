import { WaybillError } from "@waybill/core";
import type { GithubAppSettings } from "@waybill/projects";
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parse } from "yaml";
import * as z from "zod/mini";

/** A forge, and how this server shows there who it is. Secrets are read from files, and stay in memory. */
export interface ForgeSettings {
  /** Unique. By it a status that could not be told yet finds the forge again. */
  readonly name: string;
  /** Of the addresses of its repositories, with a port where that is another than 443. */
  readonly host: string;
  /** Ids of the projects for which the token or app may be used. */
  readonly projects: readonly string[] | "all";
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
  name: z.optional(z.string().check(z.regex(/^[\w.:-]{1,260}$/))),
  host: z.string().check(z.regex(/^[A-Za-z0-9.-]{1,253}(?::\d{1,5})?$/)),
  projects: z.optional(z.union([z.literal("all"), z.array(z.uuid()).check(z.minLength(1), z.maxLength(1_000))])),
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
  const read = async (name: string): Promise<string> => (await readText(resolve(dirname(file), name), file)).trim();
  return await Promise.all(
    checkProjects(parsed.data.forges, file).map(
      async ({ name, host, projects, type, api, token_file, app, reports }) => {
        if ((token_file === undefined) === (app === undefined)) {
          throw invalid(file, `${host} needs either a token_file or an app`);
        }
        if (type === "gitlab" && app !== undefined) throw invalid(file, `${host}: GitLab has no apps`);
        const uses = reports ?? (app === undefined ? "statuses" : "check_runs");
        if (uses === "check_runs" && app === undefined) throw invalid(file, `${host}: only an app can make check runs`);
        return {
          name,
          host,
          projects,
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
      },
    ),
  );
}

type ForgeInFile = z.infer<typeof forge>;

/** Nothing is for everybody unless the file says so, and of two tokens it is never open which one is used. */
function checkProjects(
  forges: readonly ForgeInFile[],
  file: string,
): readonly (ForgeInFile & Pick<ForgeSettings, "name" | "projects">)[] {
  const names = new Set<string>();
  const taken = new Map<string, Set<string>>();
  return forges.map((each) => {
    const host = each.host.toLowerCase();
    const { name = host, projects } = each;
    if (projects === undefined) {
      throw invalid(file, `${host} needs projects: the ids of those that may use it, or all for every project`);
    }
    if (names.has(name)) throw invalid(file, `${name} is there twice; two of one host need a name each`);
    names.add(name);
    const others = taken.get(host);
    const twice = projects === "all" ? "all" : projects.find((project) => others?.has(project));
    if (others !== undefined && (twice !== undefined || others.has("all"))) {
      throw invalid(file, `${host}: which of two is to be used for ${twice ?? "all"}?`);
    }
    taken.set(host, new Set([...(others ?? []), ...(projects === "all" ? ["all"] : projects)]));
    return { ...each, name, host, projects };
  });
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
