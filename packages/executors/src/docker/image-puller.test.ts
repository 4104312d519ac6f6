import { systemClock, type Clock } from "@waybill/core";
import { constantRandom } from "@waybill/core/testing";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { DockerJobs } from "../../../../test/support/docker-jobs.ts";
import { TestRegistry } from "../../../../test/support/registry.ts";
import { describeWith } from "../../../../test/support/requires.ts";
import { temporaryDirectory } from "../../../../test/support/temporary-directory.ts";
import { daemonAddress } from "./daemon-address.ts";
import { EngineApi } from "./engine-api.ts";
import { ImagePuller, type ImageRequest } from "./image-puller.ts";

const ACCOUNT = { username: "builder", password: "pass:word" };
const SECRETS = [ACCOUNT.password, "the-identity-token", Buffer.from("builder:pass:word").toString("base64")];

describeWith("docker", "images from a registry", () => {
  /** A thousandth of the real delays: waits between attempts are over at once, and nothing else is waited for. */
  const hasty: Clock = {
    ...systemClock,
    setTimer: (ms, callback) => systemClock.setTimer(ms < 10_000 ? ms / 1000 : ms, callback),
  };

  function open(environment: Record<string, string> = {}, clock: Clock = hasty): ImagePuller {
    const api = new EngineApi(daemonAddress(process.env["DOCKER_HOST"]));
    const guard = async <Result>(_: string, call: () => Promise<Result>): Promise<Result> => await call();
    return new ImagePuller({ api, clock, random: constantRandom(0.5), environment, guard });
  }

  function ask(image: string, changes: Partial<ImageRequest> = {}): ImageRequest & { readonly notices: string[] } {
    const notices: string[] = [];
    const notice = (text: string): void => void notices.push(text);
    return { image, policy: "missing", signal: new AbortController().signal, notice, notices, ...changes };
  }

  async function configured(config: unknown): Promise<Record<string, string>> {
    const directory = await temporaryDirectory();
    writeFileSync(join(directory, "config.json"), JSON.stringify(config));
    return { DOCKER_CONFIG: directory, PATH: process.env["PATH"] ?? "" };
  }

  it("are fetched where they are missing, once, and said to be with their digest", async () => {
    const registry = await TestRegistry.open();
    const image = await registry.add("team/tool", "1.2");
    const puller = open();
    const request = ask(image);
    const id = await puller.get(request);
    expect(id).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(request.notices[0]).toBe(`Fetching image "${image}"`);
    expect(request.notices.at(-1)).toContain(registry.digest("team/tool", "1.2"));
    const count = registry.requests.length;
    const again = ask(image);
    expect(await puller.get(again)).toBe(id);
    expect(again.notices).toEqual([]);
    expect(registry.requests).toHaveLength(count);
  });

  it("are fetched by digest", async () => {
    const registry = await TestRegistry.open();
    await registry.add("team/tool");
    const image = `${registry.host}/team/tool@${registry.digest("team/tool")}`;
    expect(await open().get(ask(image))).toMatch(/^sha256:/);
  });

  it("are fetched once for many that wait", async () => {
    const registry = await TestRegistry.open();
    const image = await registry.add("tool");
    const puller = open();
    const requests = Array.from({ length: 5 }, () => ask(image, { policy: "always" }));
    const ids = await Promise.all(requests.map((request) => puller.get(request)));
    expect(new Set(ids).size).toBe(1);
    expect(registry.requests.filter((line) => line.startsWith("GET /v2/tool/manifests/"))).toHaveLength(1);
    for (const { notices } of requests) expect(notices.at(-1)).toContain("Fetched");
  });

  it("are fetched anew each time where the policy is always", async () => {
    const registry = await TestRegistry.open();
    const image = await registry.add("tool", "latest", "old");
    const puller = open();
    const before = await puller.get(ask(image, { policy: "always" }));
    await registry.add("tool", "latest", "new");
    expect(await puller.get(ask(image))).toBe(before);
    expect(await puller.get(ask(image, { policy: "always" }))).not.toBe(before);
  });

  it("are never fetched where the policy says so", async () => {
    const registry = await TestRegistry.open();
    const image = await registry.add("tool");
    await expect(open().get(ask(image, { policy: "never" }))).rejects.toMatchObject({ code: "IMAGE_MISSING" });
    expect(registry.requests).toEqual([]);
  });

  it("are asked for again where the registry stumbles", async () => {
    const registry = await TestRegistry.open();
    const image = await registry.add("tool");
    registry.fail(/manifests/, 503);
    const notices: string[] = [];
    const notice = (text: string): void => {
      notices.push(text);
      if (text.includes("Trying again")) registry.recover();
    };
    await open().get(ask(image, { notice }));
    expect(notices.filter((text) => text.includes("Trying again"))).toHaveLength(1);
  });

  it("are given up after three attempts", async () => {
    const registry = await TestRegistry.open();
    const image = await registry.add("tool");
    registry.fail(/manifests/, 503);
    const request = ask(image);
    await expect(open().get(request)).rejects.toMatchObject({ code: "IMAGE_PULL_FAILED" });
    expect(request.notices.filter((text) => text.startsWith("Fetching"))).toHaveLength(3);
    const waits = request.notices.flatMap((text) => /again in ([\d.]+) s/.exec(text)?.[1] ?? []);
    expect(waits).toEqual(["0.8", "1.5"]);
  });

  it("are taken from this machine where the registry is down, with a notice", async () => {
    const registry = await TestRegistry.open();
    const image = await registry.add("tool");
    const puller = open();
    const id = await puller.get(ask(image));
    registry.fail(/./, 503);
    const request = ask(image, { policy: "always" });
    expect(await puller.get(request)).toBe(id);
    expect(request.notices.at(-1)).toContain("Going on with the copy");
  });

  it("are not asked for again where there is none of that name", async () => {
    const registry = await TestRegistry.open();
    await registry.add("tool");
    const request = ask(`${registry.host}/tool:no-such-tag`);
    await expect(open().get(request)).rejects.toMatchObject({ code: "IMAGE_NOT_FOUND" });
    expect(request.notices.filter((text) => text.startsWith("Fetching"))).toHaveLength(1);
  });

  it("end to be fetched where nothing comes any more", async () => {
    const registry = await TestRegistry.open();
    const image = await registry.add("tool");
    registry.fail(/manifests/, "silence");
    const impatient: Clock = { ...systemClock, setTimer: (ms, callback) => systemClock.setTimer(ms / 1000, callback) };
    const getting = open({}, impatient).get(ask(image));
    await expect(getting).rejects.toMatchObject({
      message: expect.stringContaining("nothing came for 300 s") as string,
    });
  });

  it("end to be fetched when the last one that waits goes away", async () => {
    const registry = await TestRegistry.open();
    const image = await registry.add("tool");
    registry.fail(/manifests/, "silence", 1);
    const puller = open();
    const aborts = [new AbortController(), new AbortController()];
    const gettings = aborts.map(({ signal }) => puller.get(ask(image, { signal })));
    for (const getting of gettings) getting.catch(() => undefined);
    await vi.waitFor(() => expect(registry.requests.some((line) => line.includes("manifests"))).toBe(true));
    aborts[0]?.abort();
    await expect(gettings[0]).rejects.toMatchObject({ name: "AbortError" });
    aborts[1]?.abort();
    await expect(gettings[1]).rejects.toMatchObject({ name: "AbortError" });
    // The next one does not join a pull that was given up.
    expect(await puller.get(ask(image))).toMatch(/^sha256:/);
  });

  it.each(["Node 24", "UPPER/case", "a b", "-x", "a:b:c", "http://host/x", "x".repeat(600), "", "a/../b"])(
    "are refused by a name that is none: %j",
    async (image) => {
      await expect(open().get(ask(image))).rejects.toMatchObject({ code: "IMAGE_INVALID" });
    },
  );

  it.each([
    ["name and password", "basic", { auth: Buffer.from("builder:pass:word").toString("base64") }],
    ["name and password for a token", "token", { auth: Buffer.from("builder:pass:word").toString("base64") }],
    ["an identity token", "token", { auth: "", identitytoken: "the-identity-token" }],
  ] as const)("of a private registry need %s from Docker's configuration", async (_, kind, entry) => {
    const registry = await TestRegistry.open({ kind, ...ACCOUNT, identityToken: "the-identity-token" });
    const image = await registry.add("private");
    const denied = ask(image);
    await expect(open().get(denied)).rejects.toMatchObject({ code: "IMAGE_PULL_DENIED" });
    const request = ask(image);
    await open(await configured({ auths: { [registry.host]: entry } })).get(request);
    for (const secret of SECRETS) expect(request.notices.join("\n")).not.toContain(secret);
  });

  it("are denied to a wrong password, which is told to nobody", async () => {
    const registry = await TestRegistry.open({ kind: "basic", ...ACCOUNT });
    const image = await registry.add("private");
    const environment = await configured({
      auths: { [registry.host]: { username: "builder", password: "wrong-one" } },
    });
    const request = ask(image);
    const error = await open(environment)
      .get(request)
      .catch((failure: unknown) => failure as Error);
    expect(error).toMatchObject({ code: "IMAGE_PULL_DENIED" });
    expect(`${String(error)} ${request.notices.join()}`).not.toContain("wrong-one");
  });

  it.each([
    ["credHelpers", "basic", { Username: "builder", Secret: "pass:word" }],
    ["credsStore", "basic", { Username: "builder", Secret: "pass:word" }],
    ["credsStore", "token", { Username: "<token>", Secret: "the-identity-token" }],
  ] as const)("are fetched with what a program of %s says: %s", async (key, kind, answer) => {
    const registry = await TestRegistry.open({ kind, ...ACCOUNT, identityToken: "the-identity-token" });
    const image = await registry.add("private");
    const programs = join(await temporaryDirectory(), "bin");
    mkdirSync(programs);
    const program = join(programs, "docker-credential-test");
    const script = `#!/bin/sh\nread -r registry\n[ "$1 $registry" = "get ${registry.host}" ] || exit 1\necho '${JSON.stringify(answer)}'\n`;
    writeFileSync(program, script);
    chmodSync(program, 0o755);
    const environment = await configured({ [key]: key === "credsStore" ? "test" : { [registry.host]: "test" } });
    expect(await open({ ...environment, PATH: `${programs}:${environment["PATH"]}` }).get(ask(image))).toMatch(
      /^sha256:/,
    );
  });

  it.each(["no-such-helper", "../evil", "a b"])("say which helper for credentials fails: %s", async (helper) => {
    const registry = await TestRegistry.open();
    const image = await registry.add("tool");
    const getting = open(await configured({ credsStore: helper })).get(ask(image));
    await expect(getting).rejects.toMatchObject({ code: "REGISTRY_CREDENTIALS_FAILED" });
  });

  it("tell people of the job what is fetched", async () => {
    const registry = await TestRegistry.open();
    const image = await registry.add("tool");
    const jobs = await DockerJobs.open();
    const notices: string[] = [];
    const submitting = jobs.executor.submit(jobs.spec({ images: [image] }), (text) => notices.push(text));
    await expect(submitting).rejects.toMatchObject({ code: "IMAGE_SHELL_MISSING" });
    expect(notices.at(-1)).toMatch(/^Fetched image .*: 1 of 1 layers/);
  });

  it("end to be fetched when the job is closed", async () => {
    const registry = await TestRegistry.open();
    const image = await registry.add("tool");
    registry.fail(/manifests/, "silence");
    const jobs = await DockerJobs.open();
    const spec = jobs.spec({ images: [image] });
    const submitting = jobs.executor.submit(spec);
    submitting.catch(() => undefined);
    await vi.waitFor(() => expect(registry.requests.some((line) => line.includes("manifests"))).toBe(true));
    await jobs.executor.close(spec.executionId);
    await expect(submitting).rejects.toMatchObject({ code: "EXECUTOR_LOST" });
  });
});
