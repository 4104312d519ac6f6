import {
  fakeForge,
  requireFields,
  requireOneOf,
  requireText,
  type Answer,
  type Received,
} from "@waybill/projects/testing";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { describeWith } from "../../../../test/support/requires.ts";
import { readEventStream, testRepository, testServer, type TestRepository } from "../testing/test-server.ts";
import { FORGE_ADDRESS, githubWebhook, gitlabWebhook, sendWebhook, type SentWebhook } from "../testing/webhooks.ts";

const TOKEN = "token-of-the-tests-0123456789";
const NONE = "0".repeat(40);
const FAILS = `name: x\njobs: { a: { steps: [{ name: s, script: ["false"] }] } }\n`;

/* eslint-disable-next-line @typescript-eslint/no-explicit-any -- what an API gives is looked at field by field */
type Json = any;

let root: string;
let repository: TestRepository;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "waybill-statuses-")));
  repository = testRepository(root);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Statuses of commits as the forge documents them; anything else is complained of. */
const PROTOCOLS: Readonly<Record<"github" | "gitlab", (request: Received, sha: string) => string>> = {
  github({ method, path, headers, body }, sha) {
    if (method !== "POST" || path !== `/repos/acme/shop/statuses/${sha}`) throw new Error("no such path");
    if (headers.authorization !== `Bearer ${TOKEN}`) throw new Error("who is that?");
    if (headers.accept !== "application/vnd.github+json") throw new Error("accept is missing");
    const fields = requireFields(body, ["state"], ["target_url", "description", "context"]);
    requireOneOf(fields["state"], ["error", "failure", "pending", "success"]);
    requireText(fields["description"], 140);
    if (fields["context"] !== "waybill/build") throw new Error("another context");
    return String(fields["state"]);
  },
  gitlab({ method, path, headers, body }, sha) {
    if (method !== "POST" || path !== `/api/v4/projects/acme%2Fshop/statuses/${sha}`) throw new Error("no such path");
    if (headers["private-token"] !== TOKEN) throw new Error("who is that?");
    const fields = requireFields(body, ["state"], ["ref", "name", "target_url", "description"]);
    requireOneOf(fields["state"], ["pending", "running", "success", "failed", "canceled", "skipped"]);
    requireText(fields["description"], 255);
    if (fields["ref"] !== "main" || fields["name"] !== "waybill/build") throw new Error("of something else");
    return String(fields["state"]);
  },
};

const WEBHOOKS: Readonly<Record<"github" | "gitlab", (secret: string, sha: string) => SentWebhook>> = {
  github: (secret, sha) =>
    githubWebhook(secret, "push", { ref: "refs/heads/main", before: NONE, after: sha, head_commit: { id: sha } }),
  gitlab: (secret, sha) =>
    gitlabWebhook(secret, { object_kind: "push", ref: "refs/heads/main", before: NONE, after: sha, checkout_sha: sha }),
};

describeWith("git", "how a run stands", () => {
  test.each([
    ["github", "failure"],
    ["gitlab", "failed"],
  ] as const)(
    "is told to %s, again and again while it is away, and of what was passed over only the last",
    async (type, failed) => {
      const sha = repository.push({ "waybill.yaml": FAILS });
      let isAway = true;
      const turnedAway: string[] = [];
      const told: string[] = [];
      const forge = await fakeForge((request): Answer => {
        (isAway ? turnedAway : told).push(PROTOCOLS[type](request, sha));
        return { status: isAway ? 503 : 201, body: { id: 1 } };
      });
      onTestFinished(() => forge.close());
      writeFileSync(join(root, "token"), `${TOKEN}\n`, { mode: 0o600 });
      const forges = join(root, "forges.yaml");
      writeFileSync(
        forges,
        `forges: [{ host: forge.test, projects: all, type: ${type}, api: "${forge.url}", token_file: token }]\n`,
      );
      const server = await testServer(join(root, "data"), { forges, "public-url": "https://ci.test" });
      const json = async (response: Response): Promise<Json> => await response.json();
      const project = await json(await server.post("/v1/projects", { name: "shop" }));
      const fields = { project_id: project.id, name: "build", repository_url: repository.url };
      const pipeline = await json(await server.post("/v1/pipelines", fields));
      const hook = { source: type, address: FORGE_ADDRESS };
      const { secret } = await json(await server.post(`/v1/pipelines/${pipeline.id}/webhook-secrets`, hook));
      expect((await sendWebhook(server.url, WEBHOOKS[type](secret, sha))).status).toBe(202);
      await vi.waitFor(() => expect(turnedAway).toContain(failed), { timeout: 15_000, interval: 20 });
      isAway = false;
      await vi.waitFor(() => expect(told).toEqual([failed]), { timeout: 20_000, interval: 50 });
      expect(forge.complaints).toEqual([]);
      const { items } = await json(await server.get("/v1/pipeline-runs"));
      expect(forge.received.at(-1)?.body).toMatchObject({
        target_url: `https://ci.test/v1/pipeline-runs/${items[0].id}`,
        description: expect.stringMatching(/^Run 1: failed/),
      });
      expect(server.logged.join("")).not.toContain(TOKEN);
    },
    45_000,
  );

  test("is told by the next server where the first one did not come to it", async () => {
    const sha = repository.push({ "waybill.yaml": FAILS });
    const before = await testServer(join(root, "data"));
    const project = (await (await before.post("/v1/projects", { name: "shop" })).json()) as Json;
    const fields = { project_id: project.id, name: "build", repository_url: repository.url };
    const pipeline = (await (await before.post("/v1/pipelines", fields)).json()) as Json;
    const hook = { source: "github", address: FORGE_ADDRESS };
    await before.post(`/v1/pipelines/${pipeline.id}/webhook-secrets`, hook);
    const run = (await (await before.post(`/v1/pipelines/${pipeline.id}/runs`, {})).json()) as Json;
    await readEventStream(await before.get(`/v1/pipeline-runs/${run.id}/events`));
    await before.close();
    const told: string[] = [];
    const forge = await fakeForge((request) => {
      told.push(PROTOCOLS.github(request, sha));
      return { status: 201, body: { id: 1 } };
    });
    onTestFinished(() => forge.close());
    writeFileSync(join(root, "token"), TOKEN);
    const forges = join(root, "forges.yaml");
    writeFileSync(
      forges,
      `forges: [{ host: forge.test, projects: all, type: github, api: "${forge.url}", token_file: token }]\n`,
    );
    await testServer(join(root, "data"), { forges });
    await vi.waitFor(() => expect(told).toEqual(["failure"]), { timeout: 10_000, interval: 50 });
    expect(forge.complaints).toEqual([]);
  });
});
