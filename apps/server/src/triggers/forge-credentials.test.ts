import { execFileSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@waybill/core";
import type { Project } from "@waybill/projects";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { describeWith } from "../../../../test/support/requires.ts";
import { readForges, type ForgeSettings } from "../settings/forges.ts";
import { gitOverHttps } from "../testing/git-over-https.ts";
import { readEventStream, testRepository, testServer } from "../testing/test-server.ts";
import { openForges } from "./open-forges.ts";

const TOKEN = "token-of-the-tests-0123456789";
const NONE = "0".repeat(40);
const SHOP_ID = "0192f0c1-0000-7000-8000-000000000001";

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
  const project = (id: string, name: string): [string, Project] => [id, { id, name, createdAt: 0, updatedAt: 0 }];
  // Somebody has called a project by the id of another one.
  const projects = new Map([project(SHOP_ID, "shop"), project("2", "web"), project("3", "spy"), project("4", SHOP_ID)]);
  const forges = openForges(
    await forgesOf(`
forges:
  - { host: git.test, projects: [${SHOP_ID}], type: gitlab, token_file: token }
  - { name: second, host: git.test, projects: [web], type: gitlab, token_file: other-token }
  - { host: open.test, projects: all, type: github, token_file: token, reports: nothing }
`),
    { find: (id) => Promise.resolve(projects.get(id) ?? null) },
    systemClock,
  );
  const password = async (url: string, id: string): Promise<string | undefined> =>
    (await forges.credentials(url, id))?.password;
  expect(await password("https://git.test/a.git", SHOP_ID)).toBe(TOKEN);
  expect(await password("https://GIT.test:443/a.git", SHOP_ID)).toBe(TOKEN);
  expect(await password("https://git.test/a.git", "2")).toBe("another");
  expect(await password("https://open.test/a.git", "3")).toBe(TOKEN);
  const refused = ["https://git.test:8443/a.git", "http://git.test/a.git", "https://git.test.evil.test/a.git"];
  for (const url of refused) expect(await password(url, SHOP_ID)).toBeUndefined();
  for (const id of ["3", "4", "gone"]) {
    expect(await password("https://git.test/a.git", id)).toBeUndefined();
    expect(await forges.reporterFor("git.test", id)).toBeNull();
  }
  expect(await forges.reporterFor("git.test", SHOP_ID)).toBe("git.test");
  expect(await forges.reporterFor("git.test", "2")).toBe("second");
  expect(await forges.reporterFor("open.test", "3")).toBeNull();
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
      const forges = join(root, "forges.yaml");
      const entry = `{ host: "${forge.host}", projects: [shop], type: gitlab, token_file: token, reports: nothing }`;
      writeFileSync(forges, `forges: [${entry}]\n`);
      const server = await testServer(join(root, "data"), { forges }, { SSL_CERT_FILE: forge.certificate });
      const post = async (path: string, body: unknown): Promise<Json> => await (await server.post(path, body)).json();
      const url = `https://${forge.host}/shop.git`;
      const pipelineOf = async (name: string): Promise<string> => {
        const { id } = await post("/v1/projects", { name });
        return (await post("/v1/pipelines", { project_id: id, name: "build", repository_url: url })).id;
      };
      const [shop, spy] = [await pipelineOf("shop"), await pipelineOf("spy")];
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
