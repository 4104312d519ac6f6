import { execFileSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@waybill/core";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { describeWith } from "../../../../test/support/requires.ts";
import { readForges, type ForgeSettings } from "../settings/forges.ts";
import { gitOverHttps } from "../testing/git-over-https.ts";
import { readEventStream, testRepository, testServer } from "../testing/test-server.ts";
import { openForges } from "./open-forges.ts";

const TOKEN = "token-of-the-tests-0123456789";
const NONE = "0".repeat(40);
const SHOP_ID = "0192f0c1-0000-7000-8000-000000000001";
const WEB_ID = "0192f0c1-0000-7000-8000-000000000002";
const OTHER_ID = "0192f0c1-0000-7000-8000-000000000003";

let root: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "waybill-credentials-")));
  writeFileSync(join(root, "token"), `${TOKEN}\n`);
  writeFileSync(join(root, "other-token"), "another\n");
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

async function forgesOf(text: string): Promise<readonly ForgeSettings[]> {
  const file = join(root, "forges.yaml");
  writeFileSync(file, text);
  return await readForges(file);
}

/* eslint-disable-next-line @typescript-eslint/no-explicit-any -- what an API gives is looked at field by field */
type Json = any;

test("a token is for the projects it names, at its host and port", async () => {
  const forges = openForges(
    await forgesOf(`
forges:
  - { host: git.test, projects: [${SHOP_ID}], type: gitlab, token_file: token }
  - { name: second, host: git.test, projects: [${WEB_ID}], type: gitlab, token_file: other-token }
  - { host: open.test, projects: all, type: github, token_file: token, reports: nothing }
`),
    systemClock,
  );
  const password = (url: string, id: string): string | undefined => forges.credentials(url, id)?.password;
  expect(password("https://git.test/a.git", SHOP_ID)).toBe(TOKEN);
  expect(password("https://GIT.test:443/a.git", SHOP_ID)).toBe(TOKEN);
  expect(password("https://git.test/a.git", WEB_ID)).toBe("another");
  expect(password("https://open.test/a.git", OTHER_ID)).toBe(TOKEN);
  const refused = ["https://git.test:8443/a.git", "http://git.test/a.git", "https://git.test.evil.test/a.git"];
  for (const url of refused) expect(password(url, SHOP_ID)).toBeUndefined();
  for (const id of [OTHER_ID, "shop", ""]) {
    expect(password("https://git.test/a.git", id)).toBeUndefined();
    expect(forges.reporterFor("git.test", id)).toBeNull();
  }
  expect(forges.reporterFor("git.test", SHOP_ID)).toBe("git.test");
  expect(forges.reporterFor("git.test", WEB_ID)).toBe("second");
  expect(forges.reporterFor("open.test", OTHER_ID)).toBeNull();
  expect(forges.reporters.map(({ forge }) => forge)).toEqual(["git.test", "second"]);
});

describeWith("git", "a private repository", () => {
  describeWith("openssl", "over HTTPS", () => {
    test("is fetched for the project that has the token, and is nothing another one gets to see", async () => {
      const repository = testRepository(root);
      const sha = repository.push({
        "waybill.yaml": `{ name: p, jobs: { j: { steps: [{ name: s, script: ["true"] }] } } }`,
      });
      execFileSync("git", ["--git-dir", repository.bare, "update-server-info"]);
      const forge = await gitOverHttps(root, root, TOKEN);
      onTestFinished(() => forge.close());
      const before = await testServer(join(root, "data"));
      const make = async (name: string): Promise<string> =>
        ((await (await before.post("/v1/projects", { name })).json()) as Json).id;
      const ids = { shop: await make("shop"), spy: await make("spy") };
      await before.close();
      const forges = join(root, "forges.yaml");
      const entry = `{ host: "${forge.host}", projects: [${ids.shop}], type: gitlab, token_file: token, reports: nothing }`;
      writeFileSync(forges, `forges: [${entry}]\n`);
      const server = await testServer(join(root, "data"), { forges }, { SSL_CERT_FILE: forge.certificate });
      const post = async (path: string, body: unknown): Promise<Json> => await (await server.post(path, body)).json();
      const url = `https://${forge.host}/shop.git`;
      const pipelineOf = async (id: string): Promise<string> =>
        (await post("/v1/pipelines", { project_id: id, name: "build", repository_url: url })).id;
      const [shop, spy] = [await pipelineOf(ids.shop), await pipelineOf(ids.spy)];
      const check = { repository_url: url, project_id: ids.shop };
      // It is shown who asks; what this server has is no more than files.
      await post("/v1/repositories/check", check);
      expect(forge.passwords).toContain(TOKEN);
      const run = await post(`/v1/pipelines/${shop}/runs`, {});
      expect(run.detail).toBeUndefined();
      await readEventStream(await server.get(`/v1/pipeline-runs/${run.id}/events`));
      expect(await (await server.get(`/v1/pipeline-runs/${run.id}`)).json()).toMatchObject({
        status: "success",
        git_sha: sha,
      });
      expect(forge.passwords).toContain(TOKEN);

      const asked = forge.passwords.length;
      expect(await post(`/v1/pipelines/${spy}/runs`, {})).toMatchObject({ code: "GIT_ACCESS_DENIED" });
      for (const of of [{ project_id: ids.spy }, {}]) {
        const refused = await post("/v1/repositories/check", { repository_url: url, ...of });
        expect(refused).toMatchObject({ code: "GIT_ACCESS_DENIED" });
      }
      const shown = await server.get(`/v1/pipelines/${spy}/definition`);
      expect(await shown.json()).toMatchObject({ code: "GIT_ACCESS_DENIED" });
      // Its own hook says that the commit is there: the server has it, in the mirror of another project.
      const push = { repository: url, updates: [{ old: NONE, new: sha, ref: "refs/heads/main" }] };
      const { runs, problems } = await post("/webhooks/git", push);
      expect(runs).toMatchObject([{ pipeline_id: shop }]);
      expect(problems).toMatchObject([{ code: "GIT_ACCESS_DENIED" }]);
      expect(new Set(forge.passwords.slice(asked))).toEqual(new Set([""]));
      expect((await (await server.get(`/v1/pipelines/${spy}/runs`)).json()) as Json).toMatchObject({ items: [] });
      expect(server.logged.join("")).not.toContain(TOKEN);
    });
  });
});
