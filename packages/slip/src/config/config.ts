import { WaybillError } from "@waybill/core";
import { readFileSync, statSync } from "node:fs";
import * as z from "zod/mini";
import {
  DEFAULT_HOLD_TIMEOUT_MS,
  DEFAULT_LINEAGE,
  DEFAULT_POLL_INTERVAL_MS,
  type SlipClientOptions,
} from "../client.ts";
import type { LineageSettings } from "../context.ts";
import { parseDuration } from "../durations.ts";
import { messageOf } from "../errors.ts";
import { describeProblem } from "../json/issue.ts";
import { parseRepositoryFilter, type RepositoryFilter } from "../repositories/filter.ts";
import type { RepositoryIdentity } from "../repositories/identity.ts";
import { parseRoute } from "../route/parse-route.ts";
import { DEFAULT_ROUTE, type Route } from "../route/route.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** What `validate` and `validateMinimal` look at. */
export interface SlipSettings {
  /** Of the store, with its secrets; empty: not set. */
  readonly dsn: string;
  /** Of the store, where its address names none; empty: not set. */
  readonly database: string;
  /** 0: not set. */
  readonly githubAppId: number;
  /** PEM text, or the path of a file with it. */
  readonly githubPrivateKey: string;
  readonly githubEnterpriseUrl: string;
  readonly holdTimeoutMs: number;
  readonly pollIntervalMs: number;
  readonly isShadow: boolean;
  readonly isEnabled: boolean;
  readonly filter: RepositoryFilter;
  readonly identity: RepositoryIdentity;
  readonly lineage: LineageSettings;
  readonly route: Route;
}

interface Problems {
  /** In the order of the variables. */
  readonly settings: readonly WaybillError[];
  readonly route: WaybillError | null;
}

const MAX_FILE_BYTES = 1_000_000;

/**
 * The configuration of slips. Reading it never fails: what is wrong is kept, and told by `validate`. Values that cannot
 * be read are the defaults until then.
 */
export class SlipConfig {
  readonly settings: SlipSettings;
  readonly #problems: Problems;

  private constructor(settings: SlipSettings, problems: Problems) {
    this.settings = settings;
    this.#problems = problems;
  }

  /** Reads the variables, and the file that `SLIPPY_PIPELINE_CONFIG` may name, and changes nothing. */
  static fromEnv(env: Environment = process.env): SlipConfig {
    const reader = new Reader(env);
    const { route, problem } = readRoute(reader.text("SLIPPY_PIPELINE_CONFIG"));
    const depth = reader.integer("SLIPPY_ANCESTRY_DEPTH", DEFAULT_LINEAGE.depth, 1);
    const settings: SlipSettings = {
      dsn: reader.text("SLIPPY_DSN") || reader.text("SLIPPY_CLICKHOUSE_DSN"),
      database: "",
      githubAppId: reader.integer("SLIPPY_GITHUB_APP_ID", 0, 1),
      githubPrivateKey: reader.text("SLIPPY_GITHUB_APP_PRIVATE_KEY"),
      githubEnterpriseUrl: reader.text("SLIPPY_GITHUB_ENTERPRISE_URL").replace(/\/+$/, ""),
      holdTimeoutMs: reader.duration("SLIPPY_HOLD_TIMEOUT", DEFAULT_HOLD_TIMEOUT_MS),
      pollIntervalMs: reader.duration("SLIPPY_POLL_INTERVAL", DEFAULT_POLL_INTERVAL_MS),
      isShadow: reader.text("SLIPPY_SHADOW_MODE") === "true",
      isEnabled: !/^(?:false|0)$/i.test(reader.text("SLIPPY_ENABLED")),
      filter: parseRepositoryFilter(reader.text("SLIPPY_ENABLED_REPOSITORIES")),
      identity: {
        forks: reader.json("SLIPPY_FORKS", forksJson, {}),
        aliases: reader.json("SLIPPY_REPOSITORY_ALIASES", aliasesJson, []).map(({ since, ...alias }) => ({
          ...alias,
          since: since === undefined ? null : Date.parse(since),
        })),
      },
      lineage: {
        ...DEFAULT_LINEAGE,
        depth,
        maxDepth: reader.integer("SLIPPY_ANCESTRY_MAX_DEPTH", Math.max(depth, DEFAULT_LINEAGE.maxDepth), depth),
        chainLimit: reader.integer("SLIPPY_ANCESTRY_CHAIN_LIMIT", DEFAULT_LINEAGE.chainLimit, 0),
      },
      route,
    };
    return new SlipConfig(settings, { settings: reader.problems, route: problem });
  }

  withPipelineConfig(route: Route): SlipConfig {
    return new SlipConfig({ ...this.settings, route }, { ...this.#problems, route: null });
  }

  withDatabase(database: string): SlipConfig {
    return new SlipConfig({ ...this.settings, database }, this.#problems);
  }

  /** For who makes slips and looks ancestors up at GitHub. @throws WaybillError `SLIP_CONFIG_INVALID`, `SLIP_ROUTE_INVALID` */
  validate(): void {
    this.#checkStore();
    if (this.settings.githubAppId === 0) throw configInvalid("GitHubAppID is required");
    if (this.settings.githubPrivateKey === "") throw configInvalid("GitHubPrivateKey is required");
    this.#checkRest();
  }

  /** For who only reports steps of slips it has the id of. @throws as `validate` */
  validateMinimal(): void {
    this.#checkStore();
    this.#checkRest();
  }

  /** What a variable's value was refused for; null: it was not. */
  problemOf(variable: string): WaybillError | null {
    return this.#problems.settings.find(({ message }) => message.includes(`invalid ${variable}: `)) ?? null;
  }

  /** For a client. The store, and whatever is not configuration, is its caller's. */
  clientOptions(): Omit<SlipClientOptions, "store"> {
    const { route, lineage, filter, identity, holdTimeoutMs, pollIntervalMs, isEnabled, isShadow } = this.settings;
    return { route, lineage, filter, identity, holdTimeoutMs, pollIntervalMs, isEnabled, isShadow };
  }

  #checkStore(): void {
    if (this.settings.dsn === "") throw configInvalid("ClickHouseDSN is required");
  }

  #checkRest(): void {
    const [problem] = this.#problems.settings;
    if (problem !== undefined) throw problem;
    if (this.#problems.route !== null) throw this.#problems.route;
  }
}

const name = z.string().check(z.minLength(1), z.maxLength(300));
const forksJson = z.record(name, name);
const aliasesJson = z.array(
  z.strictObject({
    from: name,
    to: name,
    kind: z.prefault(z.enum(["rename", "continues"]), "rename"),
    since: z.optional(z.string().check(z.refine((text) => !Number.isNaN(Date.parse(text))))),
    commits: z.prefault(z.record(z.string(), z.string()), {}),
  }),
);

/** Reads variables; an empty one is not set. */
class Reader {
  readonly problems: WaybillError[] = [];
  readonly #env: Environment;

  constructor(env: Environment) {
    this.#env = env;
  }

  text(variable: string): string {
    return (this.#env[variable] ?? "").trim();
  }

  duration(variable: string, fallback: number): number {
    const text = this.text(variable);
    if (text === "") return fallback;
    const milliseconds = parseDuration(text);
    if (milliseconds !== null) return milliseconds;
    this.#refuse(variable, `"${text.slice(0, 100)}" is no duration such as 60m or 1h30m`);
    return fallback;
  }

  integer(variable: string, fallback: number, least: number): number {
    const text = this.text(variable);
    if (text === "") return fallback;
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least) return value;
    this.#refuse(variable, `"${text.slice(0, 100)}" is no whole number from ${least} on`);
    return fallback;
  }

  json<Value>(variable: string, schema: z.ZodMiniType<Value>, fallback: Value): Value {
    const text = this.text(variable);
    if (text === "") return fallback;
    try {
      const parsed = z.safeParse(schema, JSON.parse(text));
      if (parsed.success) return parsed.data;
      this.#refuse(variable, describeProblem(parsed.error));
    } catch (error) {
      this.#refuse(variable, `it is not JSON: ${messageOf(error)}`);
    }
    return fallback;
  }

  #refuse(variable: string, problem: string): void {
    this.problems.push(configInvalid(`invalid ${variable}: ${problem}`));
  }
}

/** The text itself where it is JSON, else the file of this path. */
function readRoute(text: string): { readonly route: Route; readonly problem: WaybillError | null } {
  if (text === "") return { route: DEFAULT_ROUTE, problem: null };
  try {
    return { route: parseRoute(text.startsWith("{") ? text : readBounded(text)), problem: null };
  } catch (error) {
    const problem =
      error instanceof WaybillError
        ? error
        : new WaybillError("SLIP_ROUTE_INVALID", { problem: messageOf(error) }, { cause: error });
    return { route: DEFAULT_ROUTE, problem };
  }
}

function readBounded(path: string): string {
  const { size } = statSync(path);
  if (size > MAX_FILE_BYTES) throw new Error(`"${path}" is larger than ${MAX_FILE_BYTES} bytes`);
  return readFileSync(path, "utf8");
}

export function configInvalid(problem: string): WaybillError {
  return new WaybillError("SLIP_CONFIG_INVALID", { problem });
}
