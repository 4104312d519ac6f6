import { spawnSync } from "node:child_process";
import { describe, test } from "vitest";
import { ensureDocker } from "./shared-docker.ts";
import { ensurePostgres } from "./shared-postgres.ts";

/** What some tests need of the machine, and a command or function that succeeds where it is there. */
const PROBES = {
  bubblewrap: ["bwrap", "--ro-bind", "/", "/", "true"],
  chromium: ["chromium", "--version"],
  docker: ensureDocker,
  git: ["git", "--version"],
  openssl: ["openssl", "version"],
  postgres: ensurePostgres,
  shellcheck: ["shellcheck", "--version"],
} as const satisfies Readonly<Record<string, readonly [string, ...string[]] | (() => boolean)>>;

export type Requirement = keyof typeof PROBES;

const answers = new Map<Requirement, boolean>();

/** Whether this machine has it. Asked once per test file. */
export function isAvailable(requirement: Requirement): boolean {
  let answer = answers.get(requirement);
  if (answer === undefined) {
    answer = probe(PROBES[requirement]);
    answers.set(requirement, answer);
  }
  return answer;
}

function probe(how: readonly [string, ...string[]] | (() => boolean)): boolean {
  if (typeof how === "function") return how();
  const [program, ...args] = how;
  return spawnSync(program, args, { stdio: "ignore", timeout: 20_000 }).status === 0;
}

/**
 * `describe` for tests that need something real that not every machine has. Without it they are skipped under a name
 * that says why, and listed at the end of the run; where CI is set they fail instead, for there a silent gap would
 * look like a passed test.
 */
export function describeWith(requirement: Requirement, name: string, tests: () => void): void {
  if (isAvailable(requirement)) {
    describe(name, tests);
  } else if (isContinuousIntegration(process.env)) {
    test(`${name} (needs ${requirement})`, () => {
      throw new Error(`${requirement} does not work on this machine, and with CI set nothing may be skipped.`);
    });
  } else {
    describe.skip(`${name} (needs ${requirement})`, tests);
  }
}

export function isContinuousIntegration(environment: Readonly<Record<string, string | undefined>>): boolean {
  return environment["CI"] !== undefined && !["", "0", "false"].includes(environment["CI"]);
}
