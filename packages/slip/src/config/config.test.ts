import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { parseRoute } from "../route/parse-route.ts";
import { DEFAULT_ROUTE } from "../route/route.ts";
import { SlipConfig, type Environment } from "./config.ts";

const GITHUB = { SLIPPY_GITHUB_APP_ID: "12345", SLIPPY_GITHUB_APP_PRIVATE_KEY: "-----BEGIN" };
const STORE = { SLIPPY_CLICKHOUSE_DSN: "postgres://ci/slips" };

function errorOf(work: () => void): unknown {
  try {
    work();
    return null;
  } catch (error) {
    return error;
  }
}

test("config defaults", () => {
  expect(SlipConfig.fromEnv({}).settings).toEqual({
    dsn: "",
    database: "",
    githubAppId: 0,
    githubPrivateKey: "",
    githubEnterpriseUrl: "",
    holdTimeoutMs: 3_600_000,
    pollIntervalMs: 60_000,
    isShadow: false,
    isEnabled: true,
    filter: { allowed: [], denied: [] },
    identity: { forks: {}, aliases: [] },
    lineage: { depth: 25, maxDepth: 100, chainLimit: 0, acceptsUnmerged: false, isAcrossRepositories: false },
    route: DEFAULT_ROUTE,
  });
});

test("every variable is read, and none is changed", () => {
  const env: Environment = Object.freeze({
    ...STORE,
    ...GITHUB,
    SLIPPY_GITHUB_ENTERPRISE_URL: "https://github.example.com/",
    SLIPPY_HOLD_TIMEOUT: "1h30m",
    SLIPPY_POLL_INTERVAL: "100ms",
    SLIPPY_SHADOW_MODE: "true",
    SLIPPY_ENABLED: "false",
    SLIPPY_ENABLED_REPOSITORIES: "octo-org/a\n!octo-org/b",
    SLIPPY_ANCESTRY_DEPTH: "10",
    SLIPPY_ANCESTRY_MAX_DEPTH: "500",
    SLIPPY_ANCESTRY_CHAIN_LIMIT: "40",
    SLIPPY_FORKS: '{"mona/webshop": "octo-org/webshop"}',
    SLIPPY_REPOSITORY_ALIASES: '[{"from": "a/b", "to": "c/d", "since": "2026-01-01T00:00:00Z", "kind": "continues"}]',
    SLIPPY_PIPELINE_CONFIG: '{"steps": ["pushed", "live"]}',
    PAYLOAD: "untouched",
  });
  const config = SlipConfig.fromEnv(env);
  config.validate();
  expect(config.settings).toMatchObject({
    dsn: "postgres://ci/slips",
    githubAppId: 12_345,
    githubEnterpriseUrl: "https://github.example.com",
    holdTimeoutMs: 5_400_000,
    pollIntervalMs: 100,
    isShadow: true,
    isEnabled: false,
    filter: { allowed: ["octo-org/a"], denied: ["octo-org/b"] },
    lineage: { depth: 10, maxDepth: 500, chainLimit: 40 },
    identity: {
      forks: { "mona/webshop": "octo-org/webshop" },
      aliases: [{ from: "a/b", to: "c/d", kind: "continues", since: Date.UTC(2026, 0, 1), commits: {} }],
    },
  });
  expect(config.settings.route.finalStep).toBe("live");
  expect(config.clientOptions()).toMatchObject({ isShadow: true, holdTimeoutMs: 5_400_000 });
});

describe("shadow mode is on for exactly one word", () => {
  test.each([
    ["true", true],
    ["TRUE", false],
    ["1", false],
    ["", false],
  ])("%j", (SLIPPY_SHADOW_MODE, isShadow) => {
    expect(SlipConfig.fromEnv({ SLIPPY_SHADOW_MODE }).settings.isShadow).toBe(isShadow);
  });
});

describe("captured errors are told by validation alone", () => {
  test.each([
    [{}, "invalid configuration: ClickHouseDSN is required"],
    [STORE, "invalid configuration: GitHubAppID is required"],
    [{ ...STORE, ...GITHUB, SLIPPY_GITHUB_APP_PRIVATE_KEY: "" }, "invalid configuration: GitHubPrivateKey is required"],
    [{ ...STORE, ...GITHUB, SLIPPY_GITHUB_APP_ID: "0" }, "invalid configuration: GitHubAppID is required"],
    [{ ...STORE, ...GITHUB, SLIPPY_HOLD_TIMEOUT: "60" }, "invalid SLIPPY_HOLD_TIMEOUT: "],
    [{ ...STORE, ...GITHUB, SLIPPY_POLL_INTERVAL: "-5s" }, "invalid SLIPPY_POLL_INTERVAL: "],
    [{ ...STORE, ...GITHUB, SLIPPY_ANCESTRY_DEPTH: "0" }, "invalid SLIPPY_ANCESTRY_DEPTH: "],
    [{ ...STORE, ...GITHUB, SLIPPY_ANCESTRY_DEPTH: "1.5" }, "invalid SLIPPY_ANCESTRY_DEPTH: "],
    [{ ...STORE, ...GITHUB, SLIPPY_ANCESTRY_MAX_DEPTH: "5" }, "invalid SLIPPY_ANCESTRY_MAX_DEPTH: "],
    [{ ...STORE, ...GITHUB, SLIPPY_FORKS: "{" }, "invalid SLIPPY_FORKS: it is not JSON"],
    [
      { ...STORE, ...GITHUB, SLIPPY_REPOSITORY_ALIASES: "{}" },
      "invalid SLIPPY_REPOSITORY_ALIASES: it should be a list",
    ],
    [{ ...STORE, ...GITHUB, SLIPPY_PIPELINE_CONFIG: "{}" }, "steps should be a list"],
    [{ ...STORE, ...GITHUB, SLIPPY_PIPELINE_CONFIG: "missing.json" }, "no such file"],
  ])("%j", (env: Environment, message) => {
    const config = SlipConfig.fromEnv(env);
    expect(errorOf(() => config.validate())).toMatchObject({
      code: expect.stringMatching(/^SLIP_(?:CONFIG|ROUTE)_INVALID$/) as string,
      message: expect.stringContaining(message) as string,
    });
    expect(config.settings.holdTimeoutMs).toBe(3_600_000);
  });

  test("validateMinimal asks for a store, and not for GitHub", () => {
    SlipConfig.fromEnv(STORE).validateMinimal();
    expect(errorOf(() => SlipConfig.fromEnv({}).validateMinimal())).toMatchObject({ code: "SLIP_CONFIG_INVALID" });
    const broken = SlipConfig.fromEnv({ ...STORE, SLIPPY_HOLD_TIMEOUT: "x" });
    expect(errorOf(() => broken.validateMinimal())).toMatchObject({ code: "SLIP_CONFIG_INVALID" });
    expect(broken.problemOf("SLIPPY_HOLD_TIMEOUT")).not.toBeNull();
    expect(broken.problemOf("SLIPPY_POLL_INTERVAL")).toBeNull();
  });

  test("withPipelineConfig and withDatabase set what was not read", () => {
    const route = parseRoute('{"steps": ["pushed"]}');
    const config = SlipConfig.fromEnv({ ...STORE, SLIPPY_PIPELINE_CONFIG: "{" });
    const changed = config.withPipelineConfig(route).withDatabase("slips");
    changed.validateMinimal();
    expect(changed.settings).toMatchObject({ route, database: "slips" });
    expect(config.settings.route).toBe(DEFAULT_ROUTE);
    expect(errorOf(() => config.withDatabase("x").validateMinimal())).toMatchObject({ code: "SLIP_ROUTE_INVALID" });
  });
});

test("a route may be in a file", () => {
  const directory = mkdtempSync(join(tmpdir(), "waybill-slip-config-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "route.json");
  writeFileSync(path, '{"steps": ["pushed", "live"]}');
  expect(SlipConfig.fromEnv({ SLIPPY_PIPELINE_CONFIG: path }).settings.route.finalStep).toBe("live");
});
