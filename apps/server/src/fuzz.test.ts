import { errorRegistry, isErrorCode, type Random } from "@waybill/core";
import { Validator } from "@seriousme/openapi-schema-validator";
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { PostgresDatabase } from "../../../test/support/postgres-database.ts";
import { describeWith } from "../../../test/support/requires.ts";
import { apiDocument } from "./api/routes.ts";
import { RequestMaker, type JsonSchema, type MadeRequest, type Operation } from "./testing/request-maker.ts";
import { signedIn } from "./testing/people.ts";
import { readEventStream, testRepository, testServer, type TestServer } from "./testing/test-server.ts";

/** Requests that are under way at once. */
const AT_ONCE = 6;
/** How requests are made, round by round of all operations. */
const HOW = ["bare", "broken", "valid", "broken"] as const;
/** By chance alone an operation may be met with nothing valid in some: rounds go on until each was reached, up to a cap. */
const MIN_ROUNDS = 8;
const MAX_ROUNDS = 60;
/** A failed test shows its seed; with it in this variable the same requests are made again. */
const SEED = Number(process.env["WAYBILL_FUZZ_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

/* eslint-disable-next-line @typescript-eslint/no-explicit-any -- what an API gives is looked at field by field */
type Json = any;

test("the API's document is one of OpenAPI 3.1", async () => {
  const result = await new Validator().validate(structuredClone(apiDocument()));
  expect(result.errors).toBeUndefined();
  expect(result.valid).toBe(true);
  const broken: Json = structuredClone(apiDocument());
  broken.paths["/health"].get.responses["200"].description = 3;
  expect((await new Validator().validate(broken)).valid).toBe(false);
});

describeWith("git", "whatever is asked of it, a server on SQLite", () => {
  answersTo(() => Promise.resolve({}));
});

describeWith("postgres", "whatever is asked of it, a server on PostgreSQL", () => {
  answersTo(async () => {
    const database = await PostgresDatabase.create();
    onTestFinished(() => database.drop());
    return { database: database.url };
  });
});

function answersTo(flags: () => Promise<Readonly<Record<string, string>>>): void {
  let root: string;

  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), "waybill-fuzz-")));
  });

  afterEach(() => rmSync(root, { recursive: true, force: true }));

  test(
    "answers as its document says or with a problem that is known, and never fails",
    { timeout: 300_000 },
    async () => {
      const server = await testServer(join(root, "data"), { "max-runs": "2", ...(await flags()) });
      const { ids, url } = await someThings(server);
      const document: Json = await (await server.get("/openapi.json")).json();
      const operations = operationsOf(document);
      const maker = new RequestMaker(mulberry32(SEED), document.components.schemas, ids, [url]);
      const statuses = new Map<string, Set<number>>();
      let admin = await signedIn(server, "admin", {}, true);
      // What needs no right moment is to be reached with something valid, and all else with something.
      const reached = (id: string, below: number): boolean =>
        [...(statuses.get(id) ?? [])].some((status) => status < below);
      const unreached = (): readonly string[] =>
        operations
          .filter(
            ({ operationId, tag }) =>
              !NEEDS_MORE.has(operationId) && !reached(operationId, EASY_TAGS.has(tag) ? 300 : 500),
          )
          .map(({ operationId: id }) => `${id} ${[...(statuses.get(id) ?? [])].join(" ")}`);
      let count = 0;
      let isEnough = false;
      async function ask(): Promise<void> {
        while (!isEnough) {
          if (count % operations.length === 0) {
            const rounds = count / operations.length;
            isEnough = rounds >= MAX_ROUNDS || (rounds >= MIN_ROUNDS && unreached().length === 0);
            if (isEnough) return;
          }
          const operation = operations[count % operations.length] as Operation;
          const how = HOW[Math.floor(count / operations.length) % HOW.length] ?? "broken";
          count += 1;
          const request = maker.make(operation, how);
          // Who may everything, and ends its own sessions at times.
          if (count % 25 === 1) admin = await signedIn(server, `admin-${count}`, {}, true);
          const { cookie, csrfToken } = admin;
          // Of each operation now one and now the other, however many there are.
          const isMachine = (count + Math.floor(count / operations.length)) % 3 === 0;
          const who = isMachine ? { authorization: `Bearer ${server.token}` } : { cookie, "x-csrf-token": csrfToken };
          const problem = await problemOf(
            server.url,
            operation,
            { ...request, headers: { ...who, ...request.headers } },
            statuses,
          );
          const shown = {
            seed: SEED,
            operation: operation.operationId,
            ...request,
            body: String(request.body).slice(0, 500),
          };
          if (problem !== null) throw new Error(`${problem}: ${JSON.stringify(shown)}\n${server.logged.join("\n")}`);
        }
      }
      await Promise.all(Array.from({ length: AT_ONCE }, ask));
      expect(server.logged.filter((line) => line.includes("a request failed"))).toEqual([]);
      expect(unreached()).toEqual([]);
    },
  );
}

const EASY_TAGS: ReadonlySet<string> = new Set(["server", "projects", "pipelines", "runs", "artifacts", "search"]);

/**
 * What takes more than a document says to be done: the right state at the right moment, something that nothing depends
 * on, a ref, inputs or a file that the repository has.
 */
const NEEDS_MORE: ReadonlySet<string> = new Set([
  "cancelRun",
  "triggerRun",
  "removeProject",
  "removePipeline",
  "downloadArtifactFile",
]);

async function problemOf(
  url: string,
  operation: Operation,
  { method, path, headers, body }: MadeRequest,
  statuses: Map<string, Set<number>>,
): Promise<string | null> {
  const gone = new AbortController();
  const response = await fetch(url + path, {
    method,
    headers,
    body: body as string | null,
    redirect: "manual",
    signal: gone.signal,
  });
  try {
    const type = response.headers.get("content-type") ?? "";
    const { status } = response;
    const known = statuses.get(operation.operationId) ?? new Set();
    statuses.set(operation.operationId, known.add(status));
    if (status < 400) {
      // A hostile path may be another one's.
      const isThis = new RegExp(`^${operation.path.replaceAll(/\{\w+\}/g, "[^/?]+")}(?:\\?|$)`).test(path);
      return !isThis || operation.statuses.includes(status) ? null : `status ${status} is not described`;
    }
    if (status >= 500) return `status ${status}: ${await response.text()}`;
    if (type !== "application/problem+json") return `an error of the type ${type}: ${await response.text()}`;
    const problem: Json = await response.json();
    const code: string = problem.code;
    if (!isErrorCode(code) || errorRegistry[code].httpStatus !== status) return `code ${code}`;
    return problem.status === status && problem.request_id !== "" ? null : "a problem without its parts";
  } finally {
    // A stream has no end.
    gone.abort();
  }
}

async function someThings(
  server: TestServer,
): Promise<{ readonly ids: Readonly<Record<string, string>>; readonly url: string }> {
  const repository = testRepository(join(server.services.scratchDirectory, ".."));
  const text = `name: x\njobs: { a: { steps: [{ name: s, script: ["echo a > o"] }], artifacts: { o: [o] } } }\n`;
  repository.push({ "waybill.yaml": text });
  const post = async (path: string, body: unknown): Promise<Json> => await (await server.post(path, body)).json();
  const { id: project } = await post("/v1/projects", { name: "fuzz" });
  const body = { project_id: project, name: "fuzz", repository_url: repository.url };
  const { id: pipeline } = await post("/v1/pipelines", body);
  const { id: run } = await post(`/v1/pipelines/${pipeline}/runs`, {});
  await readEventStream(await server.get(`/v1/pipeline-runs/${run}/events`));
  const { items }: Json = await (await server.get(`/v1/pipeline-runs/${run}/jobs`)).json();
  const ids = {
    project_id: project,
    "/v1/projects/": project,
    "/v1/pipelines/": pipeline,
    "/v1/pipeline-runs/": run,
    "/v1/jobs/": items[0].id,
    "/v1/artifacts/": items[0].artifacts[0].id,
  };
  return { ids, url: repository.url };
}

function operationsOf(document: Json): readonly Operation[] {
  return Object.entries<Json>(document.paths).flatMap(([path, methods]) =>
    Object.entries<Json>(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operationId: operation.operationId,
      tag: operation.tags[0],
      parameters: operation.parameters ?? [],
      body: (operation.requestBody?.content["application/json"]?.schema ?? null) as JsonSchema | null,
      statuses: Object.keys(operation.responses).map(Number),
    })),
  );
}

/** Numbers that a seed determines. */
function mulberry32(seed: number): Random {
  let state = seed;
  return {
    next() {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    },
  };
}
