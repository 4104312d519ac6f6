import { WaybillError } from "@waybill/core";
import type { MaximumLimits } from "@waybill/executors";
import { parseMemory } from "@waybill/pipeline";
import { FORK_POLICIES, type ForkPolicy } from "@waybill/projects";
import { isIP } from "node:net";
import { availableParallelism } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { databaseFromFields } from "./database-fields.ts";
import { SETTINGS, type SettingName } from "./table.ts";

export type ExecutorMode = "auto" | "docker" | "sandbox" | "process";

/** What a server is started with, all of it checked. */
export interface Settings {
  /** Absolute: runs, logs, artifacts, mirrors are below. */
  readonly data: string;
  /** What `openRunStore` takes. */
  readonly database: string;
  /** Absolute. */
  readonly artifacts: string;
  readonly listen: { readonly host: string; readonly port: number };
  /** Without a slash at its end; null: that of the address it listens at. */
  readonly publicUrl: string | null;
  /** Addresses and networks in CIDR notation. */
  readonly trustedProxies: readonly string[];
  /** Absolute: where repositories of this machine may be. */
  readonly fileRepositories: readonly string[];
  /** Absolute; null: in the data directory. */
  readonly secretsKeyFile: string | null;
  /** Null: nobody signs in through a provider. */
  readonly oidc: OidcSettings | null;
  readonly executor: ExecutorMode;
  readonly forkApproval: ForkPolicy;
  /** Absolute; null: no forge is told anything. */
  readonly forges: string | null;
  readonly maxRuns: number;
  readonly maxJobs: number;
  /** Requests a minute of one caller. */
  readonly rateLimit: number;
  /** What no job may exceed. */
  readonly maxima: MaximumLimits;
  /** File with the rules of retention; absolute. Null: none was named. */
  readonly retention: string | null;
}

export interface OidcSettings {
  readonly issuer: string;
  readonly clientId: string;
  /** Absolute; null: a public client. */
  readonly clientSecretFile: string | null;
  readonly domains: readonly string[];
}

export interface SettingSources {
  /** By the name of the setting. */
  readonly flags: Readonly<Partial<Record<SettingName, string>>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of a settings file, by the name of the setting; null: there is none. */
  readonly file: Readonly<Partial<Record<string, string>>> | null;
  /** What relative paths start from. */
  readonly cwd: string;
}

interface Found {
  readonly value: string;
  /** Where it comes from, for errors. */
  readonly source: string;
}

/**
 * File, then environment, then flags.
 * @throws WaybillError `SERVER_SETTING_INVALID`
 */
export function readSettings(sources: SettingSources): Settings {
  // An address in one piece beats one in parts.
  const environment = {
    WAYBILL_DATABASE: databaseFromFields(sources.environment) ?? undefined,
    ...sources.environment,
  };
  const find = (name: SettingName): Found | null => findSetting(name, { ...sources, environment });
  const data = resolve(sources.cwd, valueOf(find("data")));
  const database = find("database")?.value ?? join(data, "waybill.db");
  return {
    data,
    database:
      /^postgres(?:ql)?:\/\//i.test(database) || isAbsolute(database) ? database : resolve(sources.cwd, database),
    artifacts: resolve(sources.cwd, find("artifacts")?.value ?? join(data, "artifacts")),
    listen: listenAddress(find("listen")),
    publicUrl: publicUrl(find("public-url")),
    trustedProxies: trustedProxies(find("trusted-proxies")),
    fileRepositories: (find("file-repositories")?.value ?? "")
      .split(":")
      .filter((path) => path !== "")
      .map((path) => resolve(sources.cwd, path)),
    secretsKeyFile: pathOf(find("secrets-key-file"), sources.cwd),
    oidc: oidcSettings(find, sources.cwd),
    executor: executorMode(find("executor")),
    forkApproval: forkApproval(find("fork-approval")),
    forges: find("forges") === null ? null : resolve(sources.cwd, valueOf(find("forges"))),
    maxRuns: wholeNumber("max-runs", find("max-runs")) ?? 10,
    maxJobs: wholeNumber("max-jobs", find("max-jobs")) ?? availableParallelism(),
    rateLimit: wholeNumber("rate-limit", find("rate-limit")) ?? 3_000,
    maxima: maximumLimits(find),
    retention: pathOf(find("retention"), sources.cwd),
  };
}

function maximumLimits(find: (name: SettingName) => Found | null): MaximumLimits {
  const memory = find("max-memory");
  const bytes = memory === null ? null : parseMemory(memory.value);
  if (memory !== null && bytes === null) throw invalid("max-memory", memory, "it is no amount such as 512m or 4g");
  const cpus = find("max-cpus");
  if (cpus !== null && !/^(?!0+(?:\.0*)?$)\d{1,4}(?:\.\d{1,3})?$/.test(cpus.value)) {
    throw invalid("max-cpus", cpus, "it is no number of processors");
  }
  const pids = wholeNumber("max-pids", find("max-pids"));
  return {
    ...(bytes === null ? {} : { memory: bytes }),
    ...(cpus === null ? {} : { cpus: Number(cpus.value) }),
    ...(pids === null ? {} : { pids }),
  };
}

function findSetting(name: SettingName, { flags, environment, file }: SettingSources): Found | null {
  const { variables, fallback } = SETTINGS[name];
  const flag = flags[name];
  if (flag !== undefined) return { value: flag, source: `--${name}` };
  for (const variable of variables) {
    const value = environment[variable];
    if (value !== undefined && value !== "") return { value, source: variable };
  }
  const written = file?.[name.replaceAll("-", "_")];
  if (written !== undefined) return { value: written, source: "the settings file" };
  return fallback === null ? null : { value: fallback, source: "the default" };
}

function valueOf(found: Found | null): string {
  return found?.value ?? "";
}

/** `host:port`, `:port` or `[::1]:port`. */
function listenAddress(found: Found | null): Settings["listen"] {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(valueOf(found));
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) throw invalid("listen", found, "it is not HOST:PORT");
  // No host: every address of the machine.
  return { host: match[1] ?? (match[2] === undefined || match[2] === "" ? "::" : match[2]), port };
}

function pathOf(found: Found | null, cwd: string): string | null {
  return found === null ? null : resolve(cwd, found.value);
}

function trustedProxies(found: Found | null): readonly string[] {
  const networks = (found?.value ?? "").split(",").map((text) => text.trim());
  return networks
    .filter((text) => text !== "")
    .map((text) => {
      const [, address = "", prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
      const version = isIP(address);
      if (version === 0 || Number(prefix ?? 0) > (version === 4 ? 32 : 128)) {
        throw invalid("trusted-proxies", found, `"${text.slice(0, 100)}" is no address or network`);
      }
      return text;
    });
}

function publicUrl(found: Found | null): string | null {
  if (found === null) return null;
  const url = URL.parse(found.value);
  const isPlain = url !== null && url.username === "" && url.password === "" && url.search === "" && url.hash === "";
  if (!isPlain || !/^https?:$/.test(url.protocol))
    throw invalid("public-url", found, "it is no http:// or https:// address");
  // Cookies of the name __Host- are for all of a host.
  if (url.pathname !== "/") throw invalid("public-url", found, "it has a path: the server has a host of its own");
  return url.origin;
}

function oidcSettings(find: (name: SettingName) => Found | null, cwd: string): OidcSettings | null {
  const issuer = find("oidc-issuer");
  if (issuer === null) return null;
  if (!/^https?:\/\/[^\s]+$/.test(issuer.value))
    throw invalid("oidc-issuer", issuer, "it is no http:// or https:// address");
  // Browsers come back to an address that the provider knows.
  if (find("public-url") === null) throw invalid("public-url", null, "an OpenID Connect provider needs it");
  const domains = (find("oidc-domains")?.value ?? "").split(",").map((domain) => domain.trim());
  return {
    issuer: issuer.value,
    clientId: valueOf(find("oidc-client-id")),
    clientSecretFile: pathOf(find("oidc-client-secret-file"), cwd),
    domains: domains.filter((domain) => domain !== ""),
  };
}

function executorMode(found: Found | null): ExecutorMode {
  const value = valueOf(found);
  if (value === "auto" || value === "docker" || value === "sandbox" || value === "process") return value;
  throw invalid("executor", found, "it is none of auto, docker, sandbox, process");
}

function forkApproval(found: Found | null): ForkPolicy {
  const policy = FORK_POLICIES.find((name) => name === valueOf(found));
  if (policy !== undefined) return policy;
  throw invalid("fork-approval", found, `it is none of ${FORK_POLICIES.join(", ")}`);
}

function wholeNumber(name: SettingName, found: Found | null): number | null {
  if (found === null) return null;
  const value = Number(found.value);
  if (!/^\d{1,5}$/.test(found.value) || value < 1) throw invalid(name, found, "it is no whole number from 1");
  return value;
}

function invalid(setting: SettingName, found: Found | null, problem: string): WaybillError {
  return new WaybillError("SERVER_SETTING_INVALID", { setting, source: found?.source ?? "missing", problem });
}
