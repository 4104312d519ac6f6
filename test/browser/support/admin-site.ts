import { systemPrincipal } from "@waybill/access";
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildWeb } from "../../../script/lib/build-web.ts";
import { openTestServer, testRepository, type TestServer } from "../../../apps/server/src/testing/test-server.ts";
import { repositoryRoot } from "../../support/repository.ts";
import { HOSTILE_NAME, LONG_NAME } from "./sample-site.ts";

/** A server with approvals that wait, an artifact, secrets and environments, for the pages of who may do what. */
export interface AdminSite {
  readonly server: TestServer;
  readonly projectId: string;
  /** A few files, one in a folder, one with a name that is HTML. */
  readonly artifactId: string;
  close(): Promise<void>;
}

/** A value that no page may ever show. */
export const SECRET_VALUE = "the-value-that-nobody-sees-again";

const SHOP = {
  name: "shop",
  jobs: {
    build: {
      artifacts: { package: "dist" },
      steps: [
        {
          name: "build",
          script: [
            "mkdir -p dist/assets",
            "head -c 48000 /dev/zero > dist/assets/app.js",
            "echo '<title>shop</title>' > dist/index.html",
            "printf '#!/bin/sh\\n' > dist/start.sh",
            "chmod +x dist/start.sh",
            // What a hostile build calls a file.
            `: > 'dist/<img src=x onerror=alert(1)>'`,
            "ln -s index.html dist/default.html",
          ],
        },
      ],
    },
    ship: {
      depends_on: ["build"],
      deploys_to: "production",
      steps: [{ name: "ship", environment: { TOKEN: "${{ secrets.DEPLOY_TOKEN }}" }, script: ["echo shipped"] }],
    },
  },
};

const RUNS = 3;

const PEOPLE = [
  ["bob", "approver", "Bob Becker"],
  ["carol.with-a-name-of-an-address@subsidiary.example.com", "admin", LONG_NAME.slice(0, 190)],
  ["dora", "developer", HOSTILE_NAME],
] as const;

export async function openAdminSite(): Promise<AdminSite> {
  await buildWeb(repositoryRoot);
  const root = realpathSync(mkdtempSync(join(tmpdir(), "waybill-admin-site-")));
  mkdirSync(join(root, "data"));
  const server = await openTestServer(join(root, "data"), {});
  const json = async (answer: Promise<Response>): Promise<Record<string, unknown>> => {
    const response = await answer;
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
    return (await response.json()) as Record<string, unknown>;
  };
  const repository = testRepository(root);
  repository.push({ "waybill.yaml": JSON.stringify(SHOP) });
  const projectId = String((await json(server.post("/v1/projects", { name: "shop" })))["id"]);
  const environments = `/v1/projects/${projectId}/environments`;
  const production = { name: "production", description: "What customers use.", branches: ["main"] };
  await json(server.post(environments, { ...production, required_approvals: 1, prevent_self_approval: true }));
  await json(
    server.post(environments, { name: "staging", description: HOSTILE_NAME, branches: ["main", "release/*"] }),
  );
  await json(server.post(environments, { name: "e".repeat(60), description: LONG_NAME }));
  const { users } = server.services.access;
  const test = systemPrincipal("test");
  for (const [name, role, displayName] of PEOPLE) {
    const { id } = await users.create(test, { name, displayName });
    await users.grant(test, projectId, id, role);
  }
  const secrets = `/v1/projects/${projectId}/secrets`;
  const value = SECRET_VALUE;
  await json(server.send("PUT", `${secrets}/DEPLOY_TOKEN`, { value, environment: "production" }));
  await json(server.send("PUT", `${secrets}/REGISTRY_PASSWORD`, { value }));
  await json(server.send("PUT", `${secrets}/SIGNING_KEY`, { value, environment: "production", branch: "release/*" }));
  await json(server.send("PUT", `${secrets}/${"A_VERY_LONG_NAME_".repeat(7)}`, { value, branch: "b".repeat(150) }));
  const pipeline = await json(
    server.post("/v1/pipelines", { project_id: projectId, name: "shop", repository_url: repository.url }),
  );
  for (let number = 0; number < RUNS; number += 1) {
    await json(server.post(`/v1/pipelines/${String(pipeline["id"])}/runs`, {}));
  }
  await until(async () => itemsOf(await json(server.get("/v1/approvals"))).length === RUNS);
  const artifacts = itemsOf(await json(server.get("/v1/artifacts")));
  return {
    server,
    projectId,
    artifactId: String(artifacts[0]?.["id"]),
    async close() {
      await server.close();
      rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function itemsOf(list: Record<string, unknown>): readonly Record<string, unknown>[] {
  return list["items"] as readonly Record<string, unknown>[];
}

const POLL_MS = 50;
const LONGEST_MS = 60_000;

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + LONGEST_MS;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error("the runs did not get so far");
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
