import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readForges } from "./forges.ts";

const ONE = "0192f0c1-0000-7000-8000-000000000001";
const TWO = "0192f0c1-0000-7000-8000-000000000002";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "waybill-forges-"));
  writeFileSync(join(root, "token"), "the-token\n");
  writeFileSync(join(root, "key.pem"), "the-key\n");
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

async function read(text: string): ReturnType<typeof readForges> {
  const file = join(root, "forges.yaml");
  writeFileSync(file, text);
  return await readForges(file);
}

test("forges are read with the secrets that their files hold", async () => {
  const forges = await read(`
forges:
  - { host: GitHub.com, projects: all, type: github, app: { id: 7, private_key_file: key.pem } }
  - { host: github.example.com, projects: [${ONE}, ${TWO}], type: github, token_file: token }
  - { name: own, host: gitlab.com:8443, projects: [${ONE}], type: gitlab, token_file: ${join(root, "token")}, reports: nothing }
`);
  expect(forges).toEqual([
    {
      name: "github.com",
      host: "github.com",
      projects: "all",
      type: "github",
      api: "https://api.github.com",
      token: null,
      app: { appId: "7", privateKey: "the-key", installationId: null },
      reports: "check_runs",
    },
    {
      name: "github.example.com",
      host: "github.example.com",
      projects: [ONE, TWO],
      type: "github",
      api: "https://github.example.com/api/v3",
      token: "the-token",
      app: null,
      reports: "statuses",
    },
    {
      name: "own",
      host: "gitlab.com:8443",
      projects: [ONE],
      type: "gitlab",
      api: "https://gitlab.com:8443",
      token: "the-token",
      app: null,
      reports: "nothing",
    },
  ]);
});

test("who may use a token has to be said", async () => {
  await expect(read("forges: [{ host: a, type: github, token_file: token }]")).rejects.toThrow(
    "a needs projects: the ids of those that may use it, or all for every project",
  );
});

const OF_A = "host: a, type: github, token_file: token";

test.each([
  "forges: [{ host: a, projects: all, type: github }]",
  "forges: [{ host: a, projects: all, type: gitlab, app: { id: 1, private_key_file: key.pem } }]",
  "forges: [{ host: a, projects: all, type: github, token_file: token, reports: check_runs }]",
  "forges: [{ host: a, projects: all, type: github, token_file: missing }]",
  "forges: [{ host: a, projects: all, type: github, token: the-token }]",
  "forges: [{ host: a/b, projects: all, type: github, token_file: token }]",
  "forges: [{ host: a, projects: [], type: github, token_file: token }]",
  "forges: [{ host: a, projects: some, type: github, token_file: token }]",
  // A name is whoever's project has it.
  "forges: [{ host: a, projects: [shop], type: github, token_file: token }]",
  `forges: [{ projects: [${ONE}], ${OF_A} }, { projects: [${TWO}], ${OF_A.replace("a", "A")} }]`,
  `forges: [{ projects: [${ONE}], ${OF_A} }, { name: b, projects: [${TWO}, ${ONE}], ${OF_A} }]`,
  `forges: [{ projects: [${ONE}], ${OF_A} }, { name: b, projects: all, ${OF_A} }]`,
  `forges: [{ projects: all, ${OF_A} }, { name: b, projects: [${TWO}], ${OF_A} }]`,
  "the-token: [",
])("a file of forges is refused that says %j", async (text) => {
  await expect(read(text)).rejects.toMatchObject({
    code: "SERVER_SETTING_INVALID",
    message: expect.not.stringContaining("the-token"),
  });
});
