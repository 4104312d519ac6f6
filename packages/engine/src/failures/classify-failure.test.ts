import { FAILURE_CATEGORIES } from "@waybill/pipeline";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { classifyEngineFailure, classifyFailure, type Evidence } from "./classify-failure.ts";
import { FAILURE_CAUSES, type Failure } from "./failure.ts";

const NOTHING: Evidence = { exitCode: 1, signal: null, timedOut: false, outOfMemory: false, lines: [] };

function classify(evidence: Partial<Evidence>): Failure {
  return classifyFailure({ ...NOTHING, ...evidence });
}

/** `category cause service`, of a step that exited with 1. */
function said(...lines: readonly string[]): string {
  const { category, cause, service } = classify({ lines });
  return [category, cause, service ?? "-"].join(" ");
}

describe("what a step failed of", () => {
  it.each<[string, Partial<Evidence>, string]>([
    ["exit code 1 alone", {}, "permanent_code_issues unknown"],
    ["exit code 2 alone", { exitCode: 2 }, "permanent_code_issues unknown"],
    ["any other exit code", { exitCode: 42 }, "permanent_code_issues unknown"],
    ["125", { exitCode: 125 }, "transient_infrastructure container_not_started"],
    ["126", { exitCode: 126 }, "configuration_errors not_executable"],
    ["127", { exitCode: 127 }, "configuration_errors not_found"],
    ["127, whatever it printed", { exitCode: 127, lines: ["Connection refused"] }, "configuration_errors not_found"],
    ["137 with the kernel's word", { exitCode: 137, outOfMemory: true }, "resource_exhaustion out_of_memory"],
    ["137 alone", { exitCode: 137 }, "permanent_code_issues unknown"],
    ["SIGKILL alone", { exitCode: null, signal: "SIGKILL" }, "permanent_code_issues unknown"],
    ["a crash", { exitCode: null, signal: "SIGSEGV" }, "permanent_code_issues unknown"],
    ["137 of our time-out", { exitCode: 137, timedOut: true }, "permanent_code_issues timed_out"],
    ["143 of our time-out", { exitCode: 143, timedOut: true }, "permanent_code_issues timed_out"],
    ["a time-out, though memory was short", { timedOut: true, outOfMemory: true }, "permanent_code_issues timed_out"],
    ["memory, whatever it printed", { outOfMemory: true, lines: ["2 failed"] }, "resource_exhaustion out_of_memory"],
    [
      "an abort that says why",
      { exitCode: null, signal: "SIGABRT", lines: ["FATAL ERROR: JavaScript heap out of memory"] },
      "resource_exhaustion memory_exhausted",
    ],
  ])("by its end: %s", (_name, evidence, expected) => {
    const { category, cause } = classify(evidence);
    expect(`${category} ${cause}`).toBe(expected);
  });

  it.each([
    ["curl: (6) Could not resolve host: example.com", "unresolved_host example.com"],
    [
      "fatal: unable to access 'https://git.example.com/x.git/': Could not resolve host: git.example.com",
      "unresolved_host git.example.com",
    ],
    [
      "ssh: Could not resolve hostname deploy.example.com: Name or service not known",
      "unresolved_host deploy.example.com",
    ],
    [
      "npm error network request to https://packages.pkgs.test/x failed, reason: getaddrinfo ENOTFOUND packages.pkgs.test",
      "unresolved_host packages.pkgs.test",
    ],
    ["Error: getaddrinfo EAI_AGAIN api.example.com", "unresolved_host api.example.com"],
    ["W: Temporary failure resolving 'deb.debian.org'", "unresolved_host deb.debian.org"],
    ["wget: unable to resolve host address 'example.org'", "unresolved_host example.org"],
    ["dial tcp: lookup proxy.golang.org on 127.0.0.53:53: server misbehaving", "unresolved_host proxy.golang.org"],
    ["dial tcp: lookup proxy.golang.org: no such host", "unresolved_host proxy.golang.org"],
    [
      "curl: (7) Failed to connect to example.com port 443 after 3 ms: Couldn't connect to server",
      "connection_failed example.com",
    ],
    ["ssh: connect to host deploy.example.com port 22: Connection refused", "connection_failed deploy.example.com"],
    ["Error: connect ECONNREFUSED 10.1.2.3:5432", "connection_failed 10.1.2.3"],
    ["Error: connect ECONNREFUSED 127.0.0.1:5432", "connection_failed -"],
    ["connect ETIMEDOUT repo.example.com:443", "connection_failed repo.example.com"],
    ["HTTPSConnectionPool(host='pypi.org', port=443): Max retries exceeded", "connection_failed pypi.org"],
    [
      'Get "https://registry-1.docker.io/v2/": dial tcp 3.4.5.6:443: connect: connection refused',
      "connection_failed registry-1.docker.io",
    ],
    [
      "Connect to repo.maven.apache.org:443 [repo.maven.apache.org/1.2.3.4] failed: Connection timed out",
      "connection_failed repo.maven.apache.org",
    ],
    ["TypeError: fetch failed", "connection_failed -"],
    ["error: RPC failed; curl 56 Recv failure: Connection reset by peer", "connection_failed -"],
    ["curl: (22) The requested URL returned error: 503", "service_unavailable -"],
    ["npm error 502 Bad Gateway - GET https://packages.pkgs.test/x", "service_unavailable packages.pkgs.test"],
    ["GET https://api.example.com/v1/504 failed with 503", "service_unavailable api.example.com"],
    ["ERROR 504: Gateway Time-out.", "service_unavailable -"],
    ["Error: 429 https://api.example.com", "rate_limited api.example.com"],
    ["toomanyrequests: You have reached your pull rate limit.", "rate_limited -"],
    [
      "E: Failed to fetch http://deb.debian.org/debian/pool/x.deb  Undetermined Error",
      "download_failed deb.debian.org",
    ],
    ["net/http: request canceled (Client.Timeout exceeded) https://ghcr.io/v2/", "download_failed ghcr.io"],
  ])("by its output, a dependency: %s", (line, expected) => {
    expect(said(line)).toBe(`transient_dependencies ${expected}`);
  });

  it.each([
    [
      "Cannot connect to the Docker daemon at unix:///var/run/docker.sock.",
      "transient_infrastructure daemon_unavailable",
    ],
    ["connect: Network is unreachable", "transient_infrastructure network_unreachable"],
    ["read: Connection timed out", "transient_infrastructure network_timeout"],
    ["cp: error reading 'x': Input/output error", "transient_infrastructure io_error"],
    ["write /tmp/x: no space left on device", "resource_exhaustion disk_full"],
    ["OSError: [Errno 28] ENOSPC", "resource_exhaustion disk_full"],
    ["java.lang.OutOfMemoryError: Java heap space", "resource_exhaustion memory_exhausted"],
    ["fork: retry: Resource temporarily unavailable", "resource_exhaustion limit_reached"],
    ["Error: EMFILE: too many open files, open 'x'", "resource_exhaustion limit_reached"],
    ["sh: 1: TOKEN: parameter not set", "configuration_errors setting_missing"],
    ["deploy.sh: line 3: TOKEN: unbound variable", "configuration_errors setting_missing"],
    ["Error: environment variable DATABASE_URL is not set", "configuration_errors setting_missing"],
    ["mkdir: cannot create directory '/data': Permission denied", "configuration_errors permission_denied"],
    ["git@github.com: Permission denied (publickey).", "configuration_errors credentials_refused"],
    ["denied: 403 https://ghcr.io/v2/x", "configuration_errors credentials_refused"],
    ["manifest for alpine:nope not found: manifest unknown", "configuration_errors image_missing"],
    ["tar: unrecognized option '--zstd'", "configuration_errors wrong_usage"],
    ["      Tests  1 failed | 12 passed (13)", "permanent_code_issues code_issue"],
    ["=== 2 failed, 3 passed in 0.12s ===", "permanent_code_issues code_issue"],
    ["src/x.ts(3,1): error TS2322: Type", "permanent_code_issues code_issue"],
    ["main.c:3:5: error: expected ';'", "permanent_code_issues code_issue"],
    ["AssertionError: expected 503 to be 200", "permanent_code_issues code_issue"],
    ["--- FAIL: TestX (0.00s)", "permanent_code_issues code_issue"],
    ["Tests: 0 failed, 12 passed", "permanent_code_issues unknown"],
    ["see https://example.com/issues/503", "permanent_code_issues unknown"],
    ["503 widgets made", "permanent_code_issues unknown"],
  ])("by its output: %s", (line, expected) => {
    expect(said(line)).toBe(`${expected} -`);
  });

  it("goes by the last line that says something", () => {
    expect(said("Connection refused", "Tests: 1 failed", "done")).toBe("permanent_code_issues code_issue -");
    expect(said("Tests: 1 failed", "curl: (6) Could not resolve host: example.com", "")).toBe(
      "transient_dependencies unresolved_host example.com",
    );
  });

  it("finds the service on an earlier line, where the last one does not name it", () => {
    expect(said("GET https://packages.pkgs.test/x failed, reason: socket hang up", "socket hang up")).toBe(
      "transient_dependencies connection_failed packages.pkgs.test",
    );
  });

  it("does not take a name that means something in the job alone for a service, nor a password for a name", () => {
    expect(said("getaddrinfo ENOTFOUND db")).toBe("transient_dependencies unresolved_host -");
    expect(said("connect ECONNREFUSED localhost:80")).toBe("transient_dependencies connection_failed -");
    expect(said("https://user:hunter2@git.example.com/x: 503")).toBe(
      "transient_dependencies service_unavailable git.example.com",
    );
  });

  it("reads through colours, and no further back than it should", () => {
    expect(said("\u001b[31mConnection refused\u001b[0m")).toContain("connection_failed");
    expect(said("Connection refused", ...Array.from({ length: 100 }, () => "x"))).toContain("unknown");
    expect(said(`${"x".repeat(300)} Connection refused`)).toContain("unknown");
  });

  it("has an answer for everything, in time, and only in its own words", () => {
    const pieces = fc.oneof(
      fc.string({ maxLength: 400 }),
      fc.constantFrom(
        "could not resolve host: ",
        "ECONNREFUSED ",
        "https://",
        "host='",
        "lookup ",
        ": ",
        "a.".repeat(200),
      ),
      fc.constantFrom(" 1", " failed", "environment variable", "manifest for ", "\u001b[", "@", "/".repeat(300)),
    );
    const lines = fc.array(
      fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join("")),
      { maxLength: 150 },
    );
    const evidence = fc.record({
      exitCode: fc.option(fc.nat(255)),
      signal: fc.option(fc.constantFrom("SIGKILL", "SIGSEGV")),
      timedOut: fc.boolean(),
      outOfMemory: fc.boolean(),
      lines,
    });
    fc.assert(
      fc.property(evidence, (given) => {
        const begin = performance.now();
        const { category, cause, service } = classifyFailure(given);
        expect(performance.now() - begin).toBeLessThan(1000);
        expect(FAILURE_CATEGORIES).toContain(category);
        expect(FAILURE_CAUSES).toContain(cause);
        if (service !== null) expect(service).toMatch(/^[a-z0-9][a-z0-9._-]{0,252}$/);
        if (given.timedOut) expect(cause).toBe("timed_out");
        else if (given.outOfMemory) expect(category).toBe("resource_exhaustion");
        else if (given.exitCode === 126 || given.exitCode === 127) expect(category).toBe("configuration_errors");
      }),
      { numRuns: 300 },
    );
  });

  it.each(["a", "a.", "1", " ", "@", "/", "-", "'", "could not resolve host ", "https://a@", "environment variable "])(
    "takes linear time for lines of %j",
    (piece) => {
      const lines = Array.from({ length: 100 }, () => piece.repeat(65_536 / piece.length));
      const begin = performance.now();
      classifyFailure({ ...NOTHING, lines });
      expect(performance.now() - begin).toBeLessThan(500);
    },
  );
});

describe("what a failure of the engine's own is of", () => {
  it("names the service of a breaker that refused a call, and of an image", () => {
    const refused = "Circuit breaker registry:ghcr.io is OPEN";
    expect(classifyEngineFailure("setup_failed", refused, "CIRCUIT_OPEN")).toEqual({
      category: "transient_dependencies",
      service: "ghcr.io",
      cause: "left_alone",
    });
    const detail = 'The image "x" could not be fetched: Get "https://registry-1.docker.io/v2/": i/o timeout.';
    expect(classifyEngineFailure("setup_failed", detail, "IMAGE_PULL_FAILED").service).toBe("registry-1.docker.io");
  });

  it.each([
    ["setup_failed", "no slot", null, "transient_infrastructure setup_failed"],
    [
      "setup_failed",
      "Get https://ghcr.io/v2/: 503 Service Unavailable",
      null,
      "transient_dependencies service_unavailable",
    ],
    ["setup_failed", "pull access denied for x", null, "configuration_errors image_missing"],
    ["setup_failed", "1 failed", null, "transient_infrastructure setup_failed"],
    ["setup_failed", "no such directory", "EXECUTOR_WORKING_DIRECTORY_MISSING", "configuration_errors setting_missing"],
    [
      "setup_failed",
      "permission denied on the socket",
      "DOCKER_UNAVAILABLE",
      "transient_infrastructure daemon_unavailable",
    ],
    ["setup_failed", "unauthorized", "IMAGE_PULL_DENIED", "configuration_errors credentials_refused"],
    ["setup_failed", "not there", "IMAGE_NOT_FOUND", "configuration_errors image_missing"],
    ["setup_failed", "it stopped", "IMAGE_PULL_FAILED", "transient_dependencies download_failed"],
    ["log_failed", "cannot write", "STORE_FULL", "resource_exhaustion disk_full"],
    ["log_failed", "ENOSPC: no space left on device", null, "resource_exhaustion disk_full"],
    ["artifacts_failed", "nothing matches dist", "ARTIFACT_MISSING", "permanent_code_issues artifacts_failed"],
    ["execution_lost", "the supervisor is gone", "EXECUTOR_LOST", "transient_infrastructure execution_lost"],
    ["step_timeout", "Connection refused", null, "permanent_code_issues timed_out"],
    ["condition_error", "X is not set", null, "configuration_errors setting_missing"],
  ] as const)("%s: %s", (reason, message, code, expected) => {
    const { category, cause } = classifyEngineFailure(reason, message, code);
    expect(`${category} ${cause}`).toBe(expected);
  });
});
