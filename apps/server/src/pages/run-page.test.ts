import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { testRepository, testServer } from "../testing/test-server.ts";
import { html } from "./html.ts";

test("text in a template is text, and templates in it are not", () => {
  const name = `<script>"&'`;
  expect(html`<p title="${name}">${[html`<b>${name}</b>`]}</p>`.text).toBe(
    '<p title="&lt;script&gt;&quot;&amp;&#39;"><b>&lt;script&gt;&quot;&amp;&#39;</b></p>',
  );
});

test("the page of a run shows its jobs, steps and last lines, and nothing of them is HTML", async () => {
  const root = mkdtempSync(join(tmpdir(), "waybill-page-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const server = await testServer(join(root, "data"));
  const repository = testRepository(root);
  repository.push({
    "waybill.yaml": `
name: shop
jobs:
  build:
    steps: [{ name: "<i>make</i>", script: ["echo '<script>alert(1)</script>'", "exit 3"] }]
`,
  });
  const { id: project } = (await (await server.post("/v1/projects", { name: "shop" })).json()) as { id: string };
  const body = { project_id: project, name: "build", repository_url: repository.url };
  const { id: pipeline } = (await (await server.post("/v1/pipelines", body)).json()) as { id: string };
  const { id } = (await (await server.post(`/v1/pipelines/${pipeline}/runs`, {})).json()) as { id: string };
  const events = await server.get(`/v1/pipeline-runs/${id}/events`);
  await events.text();
  const response = await server.get(`/runs/${id}`);
  const page = await response.text();
  expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(page).toContain("✗ failed");
  expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
  expect(page).toContain("&lt;i&gt;make&lt;/i&gt;");
  expect(page).not.toMatch(/<script|<i>|http-equiv="refresh"/);
  const policy = response.headers.get("content-security-policy") ?? "";
  const style = /<style>([\s\S]*)<\/style>/.exec(page)?.[1] ?? "";
  const digest = Buffer.from(await crypto.subtle.digest("SHA-256", Buffer.from(style))).toString("base64");
  // No browser would apply it otherwise.
  expect(policy).toContain(`style-src 'sha256-${digest}'`);
  expect(policy).toContain("default-src 'none'");
  const list = await (await server.get("/")).text();
  expect(list).toContain(`<a href="/runs/${id}">1</a>`);
  expect(list).toContain("✗ failed");
  const stranger = { headers: { accept: "text/html,*/*" }, redirect: "manual" } as const;
  const redirected = await fetch(`${server.url}/runs/${id}`, stranger);
  expect([redirected.status, redirected.headers.get("location")]).toEqual([303, "/sign-in"]);
  expect((await fetch(`${server.url}/runs/${id}`)).status).toBe(401);
  const missing = await server.get("/runs/01a1f99c-8cc9-720b-8460-2dca7139c785");
  expect(missing.status).toBe(404);
});
