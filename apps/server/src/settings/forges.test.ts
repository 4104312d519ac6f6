import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readForges } from "./forges.ts";

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
  - { host: GitHub.com, type: github, app: { id: 7, private_key_file: key.pem } }
  - { host: github.example.com, type: github, token_file: token }
  - { host: gitlab.com, type: gitlab, token_file: ${join(root, "token")}, reports: nothing }
`);
  expect(forges).toEqual([
    {
      host: "github.com",
      type: "github",
      api: "https://api.github.com",
      token: null,
      app: { appId: "7", privateKey: "the-key", installationId: null },
      reports: "check_runs",
    },
    {
      host: "github.example.com",
      type: "github",
      api: "https://github.example.com/api/v3",
      token: "the-token",
      app: null,
      reports: "statuses",
    },
    {
      host: "gitlab.com",
      type: "gitlab",
      api: "https://gitlab.com",
      token: "the-token",
      app: null,
      reports: "nothing",
    },
  ]);
});

test.each([
  "forges: [{ host: a, type: github }]",
  "forges: [{ host: a, type: gitlab, app: { id: 1, private_key_file: key.pem } }]",
  "forges: [{ host: a, type: github, token_file: token, reports: check_runs }]",
  "forges: [{ host: a, type: github, token_file: token }, { host: A, type: gitlab, token_file: token }]",
  "forges: [{ host: a, type: github, token_file: missing }]",
  "forges: [{ host: a, type: github, token: the-token }]",
  "forges: [{ host: a/b, type: github, token_file: token }]",
  "the-token: [",
])("a file of forges is refused that says %j", async (text) => {
  await expect(read(text)).rejects.toMatchObject({
    code: "SERVER_SETTING_INVALID",
    message: expect.not.stringContaining("the-token"),
  });
});
